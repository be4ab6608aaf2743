select customer.customer_id, customer.name, country.country_name as country, customer.signed_up_on
from {{ ref('stg_customers') }} as customer
join {{ ref('country_names') }} as country using (country_code)
