//! Random sets of subgraphs: mostly ones that fit together, some slightly broken. The same seed
//! gives the same set.

mod abstracts;
mod breaks;
mod notes;
mod schema;
mod world;

use router_compose::SubgraphInput;

/// A set of subgraphs by its number, with that many mistakes; else about every third set has one
/// or two.
pub(crate) fn set(seed: u64, mistakes: Option<usize>) -> Vec<SubgraphInput> {
    let mut random = Random::new(seed);
    let mut schemas = world::build(&mut random);
    let few = if random.chance(35) {
        1 + random.below(2)
    } else {
        0
    };
    for _ in 0..mistakes.unwrap_or(few) {
        breaks::one(&mut random, &mut schemas);
    }
    let mut inputs: Vec<SubgraphInput> = schemas.iter().map(schema::Schema::input).collect();
    // The order in which subgraphs are given must not matter.
    if random.chance(30) {
        inputs.reverse();
    }
    inputs
}

/// `SplitMix64` (Steele, Lea, Flood 2014): small, and the same everywhere.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `count`, which is not 0.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(count).unwrap()).unwrap()
    }

    /// True that often in a hundred.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}
