//! Records in the tables: appended without gaps, read in order.

use std::collections::BTreeMap;

use kernel::Fault;
use sha2::{Digest as _, Sha256};
use sqlx::{PgPool, Row as _};

use crate::{
    bus::{BATCH_RECORDS, Partition, Received, Record},
    db::fault,
};

/// Where the records of `key` go. Stable: it must never change for existing topics.
pub(super) fn partition_of(key: &str, partitions: i32) -> i32 {
    let hash = Sha256::digest(key.as_bytes());
    let number = hash
        .iter()
        .take(4)
        .fold(0_i64, |number, byte| (number << 8) | i64::from(*byte));
    i32::try_from(number % i64::from(partitions.max(1))).unwrap_or(0)
}

pub(super) type Positions<'a> = BTreeMap<(&'a str, i32), i64>;

/// Locks the partitions in one order everywhere, so that publishers wait and never deadlock. Gives the
/// next position of each.
pub(super) async fn lock_partitions<'a>(
    tx: &mut sqlx::PgConnection,
    places: &[(&'a str, i32)],
) -> Result<Positions<'a>, Fault> {
    let mut positions: Positions<'a> = places.iter().map(|place| (*place, 0)).collect();
    let (topics, numbers): (Vec<&str>, Vec<i32>) = positions.keys().copied().unzip();
    let rows: Vec<(i64,)> = sqlx::query_as(
        "select next_position from partitions \
         where (topic, number) in (select * from unnest($1::text[], $2::integer[])) \
         order by topic collate \"C\", number for update",
    )
    .bind(&topics)
    .bind(&numbers)
    .fetch_all(&mut *tx)
    .await
    .map_err(fault)?;
    if rows.len() != positions.len() {
        return Err(Fault::internal("a partition of the log is missing"));
    }
    for (position, (next,)) in positions.values_mut().zip(rows) {
        *position = next;
    }
    Ok(positions)
}

pub(super) async fn append<'a>(
    tx: &mut sqlx::PgConnection,
    records: &[Record],
    places: &[(&'a str, i32)],
    next: &mut Positions<'a>,
) -> Result<(), Fault> {
    let mut positions = Vec::with_capacity(records.len());
    for place in places {
        let position = next.entry(*place).or_default();
        positions.push(*position);
        *position += 1;
    }
    let (topics, numbers): (Vec<&str>, Vec<i32>) = places.iter().copied().unzip();
    let keys: Vec<&str> = records.iter().map(|record| &*record.key).collect();
    let types: Vec<&str> = records.iter().map(|record| &*record.event_type).collect();
    let events: Vec<&[u8]> = records.iter().map(|record| &*record.event).collect();
    let parents: Vec<Option<&str>> = records
        .iter()
        .map(|record| record.traceparent.as_deref())
        .collect();
    let (moved_topics, moved_numbers): (Vec<&str>, Vec<i32>) = next.keys().copied().unzip();
    let moved_positions: Vec<i64> = next.values().copied().collect();
    sqlx::query(
        "with moved as (update partitions p set next_position = m.next_position \
             from unnest($8::text[], $9::integer[], $10::bigint[]) as m (topic, number, next_position) \
             where p.topic = m.topic and p.number = m.number) \
         insert into log (topic, partition, position, key, event_type, event, traceparent) \
         select * from unnest($1::text[], $2::integer[], $3::bigint[], $4::text[], $5::text[], \
             $6::bytea[], $7::text[])",
    )
    .bind(&topics)
    .bind(&numbers)
    .bind(&positions)
    .bind(&keys)
    .bind(&types)
    .bind(&events)
    .bind(&parents)
    .bind(&moved_topics)
    .bind(&moved_numbers)
    .bind(&moved_positions)
    .execute(tx)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Reads records of several partitions, each from its position.
pub(super) async fn fetch(
    db: &PgPool,
    from: &[(Partition, i64)],
) -> Result<BTreeMap<Partition, Vec<Received>>, Fault> {
    let topics: Vec<&str> = from
        .iter()
        .map(|(partition, _)| &*partition.topic)
        .collect();
    let numbers: Vec<i32> = from.iter().map(|(partition, _)| partition.number).collect();
    let positions: Vec<i64> = from.iter().map(|(_, position)| *position).collect();
    let rows = sqlx::query(
        "select l.* from unnest($1::text[], $2::integer[], $3::bigint[]) as f (topic, number, position) \
         cross join lateral (select topic, partition, position, key, event_type, event, traceparent from log \
             where topic = f.topic and partition = f.number and position >= f.position \
             order by position limit $4) l",
    )
    .bind(&topics)
    .bind(&numbers)
    .bind(&positions)
    .bind(i64::try_from(BATCH_RECORDS)?)
    .fetch_all(db)
    .await
    .map_err(fault)?;
    let mut found: BTreeMap<Partition, Vec<Received>> = BTreeMap::new();
    for row in rows {
        let topic: String = row.try_get("topic")?;
        let partition = Partition {
            topic: topic.clone(),
            number: row.try_get("partition")?,
        };
        let record = Record {
            topic,
            key: row.try_get("key")?,
            event_type: row.try_get("event_type")?,
            event: row.try_get::<Vec<u8>, _>("event")?.into(),
            traceparent: row.try_get("traceparent")?,
        };
        let position = row.try_get("position")?;
        let received = Received { position, record };
        found.entry(partition).or_default().push(received);
    }
    for records in found.values_mut() {
        records.sort_unstable_by_key(|received| received.position);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stays_where_it_is() {
        assert_eq!(partition_of("prod_01h455vb4pex5vsknk084sn02q", 8), 7);
        let mut seen = [0; 8];
        for number in 0..800 {
            let partition = partition_of(&format!("key {number}"), 8);
            seen[usize::try_from(partition).unwrap()] += 1;
        }
        assert!(seen.iter().all(|count| *count > 50), "{seen:?}");
    }
}
