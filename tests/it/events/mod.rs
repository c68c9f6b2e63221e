//! The event bus, on both of its implementations: what it promises (`suite`), what the workers on it promise
//! (`workers`), processes that are killed (`faults`) and connections that fall silent (`silence`).

mod faults;
mod log;
mod relay;
mod silence;
mod suite;
mod sweeps;
mod workers;

use harness::things::TestBus;

/// Each promise is a test per bus.
mod on_log {
    use super::{TestBus, suite, workers};

    async fn bus() -> TestBus {
        TestBus::log().await
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn records_of_a_key_come_in_order() {
        suite::records_of_a_key_come_in_order(&bus().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_group_goes_on_from_what_it_committed() {
        suite::a_group_goes_on_from_what_it_committed(&bus().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn groups_do_not_disturb_each_other() {
        suite::groups_do_not_disturb_each_other(&bus().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_partition_gives_no_more_than_a_batch_before_its_commit() {
        suite::a_partition_gives_no_more_than_a_batch_before_its_commit(&bus().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn whatever_is_published_comes_as_it_was() {
        suite::whatever_is_published_comes_as_it_was(&bus().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn partitions_are_shared_when_members_join_leave_and_die() {
        suite::partitions_are_shared_when_members_join_leave_and_die(&bus().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn lag_is_what_was_not_committed() {
        suite::lag_is_what_was_not_committed(&bus().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn nothing_is_lost_while_members_come_and_die() {
        suite::nothing_is_lost_while_members_come_and_die(&bus().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn events_take_effect_once_and_in_order() {
        workers::events_take_effect_once_and_in_order(&bus().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn poison_is_given_up_and_what_follows_waits_for_the_replay() {
        workers::poison_is_given_up_and_what_follows_waits_for_the_replay(&bus().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_only_has_to_wait_is_never_given_up() {
        workers::what_only_has_to_wait_is_never_given_up(&bus().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn malformed_records_and_repeated_events_do_no_harm() {
        workers::malformed_records_and_repeated_events_do_no_harm(&bus().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn workers_that_are_cut_off_anywhere_lose_and_repeat_nothing() {
        workers::workers_that_are_cut_off_anywhere_lose_and_repeat_nothing(&bus().await).await;
    }
}

/// The same on a real broker; skipped where there is none.
mod on_kafka {
    use super::{TestBus, suite, workers};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn records_of_a_key_come_in_order() {
        if let Some(bus) = TestBus::kafka() {
            suite::records_of_a_key_come_in_order(&bus).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_group_goes_on_from_what_it_committed() {
        if let Some(bus) = TestBus::kafka() {
            suite::a_group_goes_on_from_what_it_committed(&bus).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn groups_do_not_disturb_each_other() {
        if let Some(bus) = TestBus::kafka() {
            suite::groups_do_not_disturb_each_other(&bus).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_partition_gives_no_more_than_a_batch_before_its_commit() {
        if let Some(bus) = TestBus::kafka() {
            suite::a_partition_gives_no_more_than_a_batch_before_its_commit(&bus).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn whatever_is_published_comes_as_it_was() {
        if let Some(bus) = TestBus::kafka() {
            suite::whatever_is_published_comes_as_it_was(&bus).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn partitions_are_shared_when_members_join_leave_and_die() {
        if let Some(bus) = TestBus::kafka() {
            suite::partitions_are_shared_when_members_join_leave_and_die(&bus).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn lag_is_what_was_not_committed() {
        if let Some(bus) = TestBus::kafka() {
            suite::lag_is_what_was_not_committed(&bus).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn nothing_is_lost_while_members_come_and_die() {
        if let Some(bus) = TestBus::kafka() {
            suite::nothing_is_lost_while_members_come_and_die(&bus).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn events_take_effect_once_and_in_order() {
        if let Some(bus) = TestBus::kafka() {
            workers::events_take_effect_once_and_in_order(&bus).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn poison_is_given_up_and_what_follows_waits_for_the_replay() {
        if let Some(bus) = TestBus::kafka() {
            workers::poison_is_given_up_and_what_follows_waits_for_the_replay(&bus).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_only_has_to_wait_is_never_given_up() {
        if let Some(bus) = TestBus::kafka() {
            workers::what_only_has_to_wait_is_never_given_up(&bus).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn malformed_records_and_repeated_events_do_no_harm() {
        if let Some(bus) = TestBus::kafka() {
            workers::malformed_records_and_repeated_events_do_no_harm(&bus).await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn workers_that_are_cut_off_anywhere_lose_and_repeat_nothing() {
        if let Some(bus) = TestBus::kafka() {
            workers::workers_that_are_cut_off_anywhere_lose_and_repeat_nothing(&bus).await;
        }
    }
}
