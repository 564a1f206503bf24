"""Index: agencies' scores by QĐ 766/QĐ-TTg and NĐ 61/2018, their ranking, and procedures with shortened limits."""
