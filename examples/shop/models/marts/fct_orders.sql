{{ config(materialized='incremental', unique_key='order_id', incremental_strategy='delete+insert') }}
select order_id, customer_id, order_date, total, pieces, paid
from {{ ref('int_orders_enriched') }}
where status = 'completed'
{% if is_incremental() %}
and order_date >= (select coalesce(max(order_date), cast('1970-01-01' as date)) from {{ this }})
{% endif %}
