select product.category, cast(sum(item.quantity) as integer) as pieces, sum(item.quantity * product.price) as revenue
from {{ ref('fct_orders') }} as orders
join {{ ref('stg_order_items') }} as item using (order_id)
join {{ ref('dim_products') }} as product using (product_id)
group by product.category
order by product.category
