select
    orders.order_id,
    orders.customer_id,
    orders.order_date,
    orders.status,
    totals.total,
    cast(totals.pieces as integer) as pieces,
    coalesce(payments.paid, 0) as paid
from {{ ref('stg_orders') }} as orders
join {{ ref('int_order_totals') }} as totals using (order_id)
left join {{ ref('int_payments_by_order') }} as payments using (order_id)
