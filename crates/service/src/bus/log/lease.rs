//! Who reads which partition. Members report now and then in a transaction each, one member of a group at a
//! time; each takes from free partitions up to its share and gives back what is above it. All times are the
//! database's.

use std::{collections::BTreeMap, time::Duration};

use kernel::Fault;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::{bus::Partition, db::fault};

/// A member of a group.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) id: Uuid,
    pub(super) group: String,
    pub(super) topics: Vec<String>,
    pub(super) lease: Duration,
}

/// What a report found.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// The partitions that are this member's, with the group's position.
    pub(super) owned: BTreeMap<Partition, i64>,
    /// How many of each topic's partitions this member may have.
    pub(super) share: BTreeMap<String, usize>,
}

/// Says that `member` lives, buries dead ones, frees those of its own partitions that it gives back, and takes
/// free ones.
pub(super) async fn report(
    db: &PgPool,
    member: &Member,
    give_back: &[Partition],
) -> Result<Report, Fault> {
    let mut tx = db.begin().await.map_err(fault)?;
    take_turns(&mut tx, &member.group).await?;
    hand_over(&mut tx, &member.group, give_back, Some(member.id), None).await?;
    let others = living(&mut tx, member).await?;
    let rows: Vec<(String, i32, Option<Uuid>, i64)> = sqlx::query_as(
        "select topic, partition, member, committed from leases \
         where consumer_group = $1 and topic = any($2) order by topic, partition",
    )
    .bind(&member.group)
    .bind(&member.topics)
    .fetch_all(&mut *tx)
    .await
    .map_err(fault)?;
    let mut report = Report::default();
    let mut claim: Vec<Partition> = Vec::new();
    for (index, topic) in member.topics.iter().enumerate() {
        let of_topic: Vec<_> = rows.iter().filter(|row| row.0 == *topic).collect();
        let readers: Vec<Uuid> = others
            .iter()
            .filter(|(_, topics)| topics.contains(topic))
            .map(|(id, _)| *id)
            .collect();
        let share = share(of_topic.len(), &readers, member.id, index);
        let mut mine = 0;
        for (topic, number, owner, committed) in &of_topic {
            if *owner == Some(member.id) {
                mine += 1;
                report.owned.insert(partition(topic, *number), *committed);
            }
        }
        for (topic, number, _, committed) in of_topic.iter().filter(|row| row.2.is_none()) {
            // What it has just given back is somebody else's turn.
            if mine < share && !give_back.contains(&partition(topic, *number)) {
                mine += 1;
                claim.push(partition(topic, *number));
                report.owned.insert(partition(topic, *number), *committed);
            }
        }
        report.share.insert(topic.clone(), share);
    }
    hand_over(&mut tx, &member.group, &claim, None, Some(member.id)).await?;
    tx.commit().await.map_err(fault)?;
    Ok(report)
}

/// Hands on everything and forgets the member.
pub(super) async fn leave(db: &PgPool, member: &Member) -> Result<(), Fault> {
    let mut tx = db.begin().await.map_err(fault)?;
    take_turns(&mut tx, &member.group).await?;
    sqlx::query("update leases set member = null where consumer_group = $1 and member = $2")
        .bind(&member.group)
        .bind(member.id)
        .execute(&mut *tx)
        .await
        .map_err(fault)?;
    sqlx::query("delete from members where id = $1")
        .bind(member.id)
        .execute(&mut *tx)
        .await
        .map_err(fault)?;
    tx.commit().await.map_err(fault)
}

/// Writes positions. Those of partitions that the member has lost stay as they are.
pub(super) async fn commit(
    db: &PgPool,
    member: &Member,
    positions: &BTreeMap<Partition, i64>,
) -> Result<(), Fault> {
    let topics: Vec<&str> = positions.keys().map(|place| &*place.topic).collect();
    let numbers: Vec<i32> = positions.keys().map(|place| place.number).collect();
    let next: Vec<i64> = positions.values().copied().collect();
    sqlx::query(
        "update leases l set committed = greatest(l.committed, c.next) \
         from unnest($3::text[], $4::integer[], $5::bigint[]) as c (topic, number, next) \
         where l.consumer_group = $1 and l.member = $2 and l.topic = c.topic and l.partition = c.number",
    )
    .bind(&member.group)
    .bind(member.id)
    .bind(&topics)
    .bind(&numbers)
    .bind(&next)
    .execute(db)
    .await
    .map_err(fault)?;
    Ok(())
}

/// How many of `partitions` the reader `id` may have: the rest of the division goes round, and `turn` makes
/// it begin with another reader for each topic.
fn share(partitions: usize, readers: &[Uuid], id: Uuid, turn: usize) -> usize {
    let Some(rank) = readers.iter().position(|reader| *reader == id) else {
        return 0;
    };
    let (each, rest) = (partitions / readers.len(), partitions % readers.len());
    let rank = (rank + turn) % readers.len();
    each + usize::from(rank < rest)
}

async fn take_turns(tx: &mut PgConnection, group: &str) -> Result<(), Fault> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind(group)
        .execute(tx)
        .await
        .map_err(fault)?;
    Ok(())
}

/// Passes on those of `partitions` that are `from`'s, or nobody's.
async fn hand_over(
    tx: &mut PgConnection,
    group: &str,
    partitions: &[Partition],
    from: Option<Uuid>,
    to: Option<Uuid>,
) -> Result<(), Fault> {
    if partitions.is_empty() {
        return Ok(());
    }
    let (topics, numbers): (Vec<&str>, Vec<i32>) = partitions
        .iter()
        .map(|place| (&*place.topic, place.number))
        .unzip();
    sqlx::query(
        "update leases set member = $5 where consumer_group = $1 and member is not distinct from $4 \
         and (topic, partition) in (select * from unnest($2::text[], $3::integer[]))",
    )
    .bind(group)
    .bind(&topics)
    .bind(&numbers)
    .bind(from)
    .bind(to)
    .execute(tx)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Renews this member, removes the dead, frees what they held. Gives the living, in one order for all.
async fn living(tx: &mut PgConnection, member: &Member) -> Result<Vec<(Uuid, Vec<String>)>, Fault> {
    // Not `now()`, which is from before the wait for the turn.
    sqlx::query(
        "insert into members (id, consumer_group, topics, expires_at) \
         values ($1, $2, $3, clock_timestamp() + $4::interval) \
         on conflict (id) do update set expires_at = excluded.expires_at",
    )
    .bind(member.id)
    .bind(&member.group)
    .bind(&member.topics)
    .bind(member.lease)
    .execute(&mut *tx)
    .await
    .map_err(fault)?;
    sqlx::query("delete from members where consumer_group = $1 and expires_at < clock_timestamp()")
        .bind(&member.group)
        .execute(&mut *tx)
        .await
        .map_err(fault)?;
    sqlx::query(
        "insert into leases (consumer_group, topic, partition) \
         select $1, topic, number from partitions where topic = any($2) on conflict do nothing",
    )
    .bind(&member.group)
    .bind(&member.topics)
    .execute(&mut *tx)
    .await
    .map_err(fault)?;
    sqlx::query(
        "update leases set member = null where consumer_group = $1 and member is not null \
         and member not in (select id from members where consumer_group = $1)",
    )
    .bind(&member.group)
    .execute(&mut *tx)
    .await
    .map_err(fault)?;
    sqlx::query_as("select id, topics from members where consumer_group = $1 order by id")
        .bind(&member.group)
        .fetch_all(tx)
        .await
        .map_err(fault)
}

fn partition(topic: &str, number: i32) -> Partition {
    Partition {
        topic: topic.to_owned(),
        number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_the_rest_goes_round() {
        let readers: Vec<Uuid> = (1..=3).map(Uuid::from_u128).collect();
        for partitions in 0..20 {
            for turn in 0..4 {
                let shares: Vec<usize> = readers
                    .iter()
                    .map(|reader| share(partitions, &readers, *reader, turn))
                    .collect();
                assert_eq!(shares.iter().sum::<usize>(), partitions);
                let spread = shares.iter().max().unwrap() - shares.iter().min().unwrap();
                assert!(spread <= 1, "{shares:?}");
            }
        }
        assert_ne!(
            share(1, &readers, readers[0], 0),
            share(1, &readers, readers[0], 1)
        );
        assert_eq!(share(8, &readers, Uuid::from_u128(9), 0), 0);
    }
}
