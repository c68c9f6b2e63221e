//! Work on several threads. Results and their order do not depend on how many there are.

use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// As much as Rust gives to any thread by itself: hostile input is kept within it.
const STACK_BYTES: usize = 2 * 1024 * 1024;

/// With less text than this, handing work over takes longer than what it saves.
const WORTH_BYTES: usize = 32 * 1024;

/// As many threads as there are processors; nothing where the system gives none.
static POOL: LazyLock<Option<ThreadPool>> = LazyLock::new(|| {
    let threads = thread::available_parallelism().ok()?;
    let builder = ThreadPoolBuilder::new().num_threads(threads.get());
    let builder = builder.stack_size(STACK_BYTES);
    builder.thread_name(|_| "compose".to_owned()).build().ok()
});

/// One composition at a time has the pool: a thread that waits takes other work of the pool, and
/// would begin a second composition within the first, on the same stack.
static TURN: Mutex<()> = Mutex::new(());

/// Does work on so much text, with the number of threads that [`map`] may use in it.
pub(crate) fn with_threads<R: Send>(bytes: usize, work: impl FnOnce(usize) -> R + Send) -> R {
    let is_worth_it = bytes >= WORTH_BYTES;
    let Some(pool) = is_worth_it.then(|| POOL.as_ref()).flatten() else {
        return work(1);
    };
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    pool.install(|| work(pool.current_num_threads()))
}

/// The results for all items, in the order of the items.
pub(crate) fn map<T: Sync, R: Send>(
    threads: usize,
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    if threads == 1 {
        return items.iter().map(work).collect();
    }
    items.par_iter().with_max_len(1).map(&work).collect()
}

/// Frees what is not needed any more: of large inputs, that takes as long as a stage of the work.
pub(crate) fn free(threads: usize, items: impl IntoParallelIterator) {
    if threads > 1 {
        items.into_par_iter().for_each(drop);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{WORTH_BYTES, map, with_threads};
    use crate::{SubgraphInput, compose, compose_on};

    #[test]
    fn results_are_in_the_order_of_the_items() {
        let items: Vec<u64> = (0..20).collect();
        for bytes in [0, WORTH_BYTES] {
            let found = with_threads(bytes, |threads| {
                map(threads, &items, |item| {
                    // The first is done last.
                    std::thread::sleep(Duration::from_millis((20 - item) / 4));
                    item * 2
                })
            });
            let wanted: Vec<u64> = items.iter().map(|item| item * 2).collect();
            assert_eq!(found, wanted, "{bytes} bytes");
        }
        assert!(map(3, &[0_u8; 0], |item| *item).is_empty());
    }

    /// Enough text for several threads.
    fn large(wrong: &[usize]) -> Vec<SubgraphInput> {
        let subgraph = |number: usize| {
            let ty = if wrong.contains(&number) {
                "Nothing"
            } else {
                "Int"
            };
            let text = "x".repeat(10_000);
            let sdl = format!("type Query {{ \"{text}\" f{number}: Int\n g{number}: {ty} }}");
            let input = SubgraphInput::new(format!("s{number}"), "http://s", sdl);
            input.read_from(format!("s{number}.graphql"))
        };
        (0..8).map(subgraph).collect()
    }

    #[test]
    fn every_thread_reports_its_errors() {
        let errors = compose(&large(&[2, 3, 7])).unwrap_err();
        let found: Vec<_> = errors
            .iter()
            .map(|error| (error.subgraphs[0].file.as_deref(), error.subgraphs[0].line))
            .collect();
        let wanted = [2, 3, 7].map(|number| format!("s{number}.graphql"));
        let wanted = wanted.each_ref().map(|file| (Some(file.as_str()), 2));
        assert_eq!(found, wanted);
    }

    #[test]
    fn many_threads_give_what_one_gives() {
        let mut inputs = large(&[]);
        let composed = compose(&inputs).unwrap();
        for (number, input) in inputs.iter().enumerate() {
            let field = format!("  g{number}: Int @join__field(graph: S{number})\n");
            assert!(composed.supergraph_sdl.contains(&field), "{}", input.name);
        }
        assert_eq!(compose_on(1, &inputs, None).unwrap(), composed);
        assert_eq!(compose_on(7, &inputs, None).unwrap(), composed);
        inputs.reverse();
        assert_eq!(compose(&inputs).unwrap(), composed);
        let inputs = large(&[1, 4]);
        assert_eq!(compose_on(1, &inputs, None), compose_on(7, &inputs, None));
    }
}
