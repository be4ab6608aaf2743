{# Stands in for the tracker that loads web.sessions: a source that no node of this project makes. #}
{% macro create_web_sessions() %}
  {% if execute %}
    {% do run_query('create schema if not exists web') %}
    {% do run_query('create or replace table web.sessions as select * from (values ' ~
        '(1, 1, date \'2026-03-02\', 5), (2, 2, date \'2026-03-02\', 2), (3, null, date \'2026-03-02\', 1), ' ~
        '(4, 3, date \'2026-03-03\', 9), (5, 1, date \'2026-03-03\', 4), (6, 4, date \'2026-03-04\', 7), ' ~
        '(7, null, date \'2026-03-04\', 1), (8, 5, date \'2026-03-04\', 3)' ~
        ') as session(session_id, customer_id, session_date, page_views)') %}
  {% endif %}
{% endmacro %}
