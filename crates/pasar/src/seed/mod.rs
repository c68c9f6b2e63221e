//! The demo marketplace: believable Indonesian shops, products, people and reviews, made from hand-written content.
//!
//! Pure: the same seed and size give the same [`DemoPlan`] on every machine. Putting it into the databases is the caller's work.

mod apply;
mod content;
mod goods;
mod listing;
mod opinions;
mod people;
mod plan;
mod price;
mod random;
mod shops;
mod template;
#[cfg(test)]
mod tests;
mod variants;
mod wording;

pub(crate) use apply::apply;
pub use plan::*;

/// Makes the demo marketplace.
///
/// # Examples
/// `demo(1, &DemoSize::full())` is what `pasar up` shows.
#[must_use]
pub fn demo(seed: u64, size: &DemoSize) -> DemoPlan {
    let content = content::load();
    let mut emails = people::Emails::default();
    let admin = people::admin(&mut emails);
    let buyers = people::buyers(seed, size.buyers, &content, &mut emails);
    let sellers = shops::sellers(seed, size.sellers, &content, &mut emails);
    let goods = goods::goods(seed, size.products, &content, &sellers);
    let reviews = opinions::reviews(seed, size.reviews, &content, &goods, &buyers, &sellers);
    DemoPlan {
        admin,
        buyers,
        sellers,
        attributes: content.attributes,
        categories: content.categories,
        products: goods.products,
        reviews,
    }
}
