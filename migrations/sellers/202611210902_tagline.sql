-- why: a shop says in one line what it is about, under its name
alter table sellers add column tagline text not null default '';
