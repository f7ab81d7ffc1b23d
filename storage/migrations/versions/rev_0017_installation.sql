-- A name that no other installation has. It goes with every backup, so that a restored database
-- knows its own questions in a provider's list (storage/question_names.py).
create table installation (
    name text primary key
);
insert into installation (name) values (gen_random_uuid()::text);
