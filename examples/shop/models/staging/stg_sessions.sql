{{ config(tags=['web']) }}
select session_id, customer_id, session_date, page_views
from {{ source('web', 'sessions') }}
