select order_id, customer_id, ordered_at, cast(ordered_at as date) as order_date, status
from {{ ref('raw_orders') }}
where ordered_at >= cast('{{ var("first_order_date") }}' as date)
