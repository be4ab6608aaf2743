{{ config(tags=['web']) }}
with visits as (
    select session_date, count(*) as sessions
    from {{ ref('stg_sessions') }}
    group by session_date
)
select
    visits.session_date,
    cast(visits.sessions as integer) as sessions,
    coalesce(sales.orders, 0) as orders
from visits
left join {{ ref('fct_daily_sales') }} as sales on sales.order_date = visits.session_date
order by visits.session_date
