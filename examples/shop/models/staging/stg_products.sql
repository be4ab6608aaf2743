select product_id, name, category, {{ cents_to_amount('price_cents') }} as price, weight_kg
from {{ ref('raw_products') }}
