select
    order_date,
    cast(count(*) as integer) as orders,
    cast(count(distinct customer) as integer) as customers,
    sum(amount) as revenue
from {{ ref('stg_orders') }}
where status = 'completed'
group by order_date
order by order_date
