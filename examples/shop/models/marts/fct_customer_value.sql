select
    customer.customer_id,
    customer.name,
    customer.country,
    cast(count(orders.order_id) as integer) as orders,
    coalesce(sum(orders.total), 0) as revenue
from {{ ref('dim_customers', v=2) }} as customer
left join {{ ref('fct_orders') }} as orders using (customer_id)
group by customer.customer_id, customer.name, customer.country
