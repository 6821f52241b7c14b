-- What the statements find beside the tables of tests/services/postgres.bash;
-- every row of a table holds zq7.
update customers set name = name || ' zq7';
alter table orders add column note text default 'zq7';
insert into aside.notes values ('sad');
alter table aside.notes add column note text default 'zq7';
create table items (id int primary key, name text, price int check (price > 0),
	kind aside.mood, unique (name, price));
insert into items select g, 'zq7 ' || g, g, 'ok' from generate_series(1, 40) g;
create index items_price on items (price);
create table parts (id int, region text, note text default 'zq7')
	partition by list (region);
create table parts_eu partition of parts for values in ('eu');
create table parts_us partition of parts for values in ('us');
insert into parts select g, case when g % 2 = 0 then 'eu' else 'us' end, 'zq7'
	from generate_series(1, 20) g;
create table logged (id int primary key, note text default 'zq7');
insert into logged select generate_series(1, 5);
create table trail (id serial, note text);
create function trace() returns trigger language plpgsql as
	'begin insert into trail (note) values (''zq7''); return new; end';
create trigger logged_trace after insert or update on logged
	for each row execute function trace();
create materialized view heavy as select * from items where price > 20;
create function quiet(int) returns int language sql stable as 'select $1';
create function loud() returns int language plpgsql as
	'begin delete from items; return 1; end';
create procedure sweep() language plpgsql as
	'begin delete from items where price > 1; commit; end';
create domain natural_number as int check (value > 0);
create view cheap as select * from items where price < 5;
create policy own on items using (true);
create statistics items_s on name, price from items;
create publication all_of for table items;
create role spare;
create role holder;
grant select on items to holder;
create sequence counters start 7;
select lo_from_bytea(4711, 'zq7');
