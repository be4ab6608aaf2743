select
    order_date,
    cast(count(*) as integer) as orders,
    cast(sum(pieces) as integer) as pieces,
    sum(total) as revenue
from {{ ref('fct_orders') }}
group by order_date
order by order_date
