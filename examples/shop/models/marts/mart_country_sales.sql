select country, cast(count(*) as integer) as customers, cast(sum(orders) as integer) as orders, sum(revenue) as revenue
from {{ ref('fct_customer_value') }}
group by country
order by country
