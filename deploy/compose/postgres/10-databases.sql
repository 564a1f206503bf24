-- Runs once, when the data directory of the server is created: a database for each service, owned by a role that can connect to no other.
\set ON_ERROR_STOP on
\getenv intake_password INTAKE_DB_PASSWORD
\getenv routing_password ROUTING_DB_PASSWORD
\getenv notify_password NOTIFY_DB_PASSWORD
\getenv rating_password RATING_DB_PASSWORD
\getenv stats_password STATS_DB_PASSWORD

CREATE TEMPORARY TABLE wanted (name text, password text);
INSERT INTO wanted VALUES
    ('intake', :'intake_password'),
    ('routing', :'routing_password'),
    ('notify', :'notify_password'),
    ('rating', :'rating_password'),
    ('stats', :'stats_password');

SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD %L', name, password) FROM wanted \gexec
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING ''UTF8''', name, name) FROM wanted \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', name) FROM wanted \gexec
REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;
REVOKE CONNECT ON DATABASE template1 FROM PUBLIC;
