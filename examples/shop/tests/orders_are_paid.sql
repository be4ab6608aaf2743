-- Completed orders whose payments differ from their value.
select orders.order_id, orders.total, sum(payment.amount) as paid
from {{ ref('fct_orders') }} as orders
left join {{ ref('stg_payments') }} as payment using (order_id)
group by orders.order_id, orders.total
having coalesce(sum(payment.amount), 0) <> orders.total
