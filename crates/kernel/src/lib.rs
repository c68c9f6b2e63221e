//! Vocabulary without I/O: typed ids, money, clock, paging, faults, principals.
