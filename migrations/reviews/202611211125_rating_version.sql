-- why: rating.changed carries a version of its own, so that an old one never wins
alter table product_ratings add column version integer not null default 1;
