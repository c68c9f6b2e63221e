-- why: the counts are of addresses, phone numbers and accounts, not of e-mail addresses alone
-- contract: nothing that was released uses the column; while a binary built before still runs, requests for letters fail in it.
alter table verification_requests rename column email_hash to whose_hash;
alter table verification_requests rename constraint verification_requests_email_hash_purpose_pkey
    to verification_requests_whose_hash_purpose_pkey;
