select
    order_id,
    customer,
    cast(ordered_at as date) as order_date,
    status,
    amount
from {{ ref('orders') }}
