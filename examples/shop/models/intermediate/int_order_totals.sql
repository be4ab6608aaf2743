{{ config(materialized='ephemeral') }}
select item.order_id, sum(item.quantity * product.price) as total, sum(item.quantity) as pieces
from {{ ref('stg_order_items') }} as item
join {{ ref('stg_products') }} as product using (product_id)
group by item.order_id
