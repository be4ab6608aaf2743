select customer_id, name, country_code, signed_up_on, updated_at
from {{ ref('raw_customers') }}
