//! `stockSet` and `stockSetMany`.

use std::collections::{HashMap, HashSet};

use kernel::{Fault, ProductId, SellerId, VariantId, WarehouseId};
use serde::Serialize;
use service::{Claim, Ctx, Transaction, idempotency};

use super::record;
use crate::{
    access::{self, ShopRole},
    domain::{
        Cause, Change, Error, MovementKind, Place, Reason, Rejection, StockLevel, Warehouse,
        movement::check_note, rejection::path, stock::check_quantity,
    },
    store,
};

/// What is where.
#[derive(Clone, Copy, Serialize)]
pub struct SetStockLine {
    /// Which stock.
    pub place: Place,
    /// Units on hand.
    pub quantity: i32,
    /// Units that the caller has read; `None` when there was no level yet.
    pub expected_quantity: Option<i32>,
}

/// What was counted.
#[derive(Serialize)]
pub struct SetStock {
    /// What is where; for [`set_stock`] exactly one line.
    pub lines: Vec<SetStockLine>,
    /// Why.
    pub reason: Reason,
    /// What to add to that.
    pub note: Option<String>,
}

/// Says how many units there are, if there were as many as the caller has read.
///
/// # Errors
/// [`Error`]: warehouse or variant not found, not of the shop, other quantity, a value that breaks a rule,
/// the warehouse is deactivated, a reused key; not logged in.
pub async fn set_stock(
    ctx: &Ctx,
    idempotency_key: &str,
    input: SetStock,
) -> Result<StockLevel, Error> {
    let count = Count {
        input,
        operation: "stockSet",
    };
    let level = count.run(ctx, idempotency_key).await?.pop();
    Ok(level.ok_or_else(|| Fault::internal("one line gave no stock level"))?)
}

/// The same for up to 100 places of one shop, all or nothing. Gives the levels in the order of the lines.
///
/// # Errors
/// As [`set_stock`], naming the line; no lines, the same place twice, several shops.
pub async fn set_stock_many(
    ctx: &Ctx,
    idempotency_key: &str,
    input: SetStock,
) -> Result<Vec<StockLevel>, Error> {
    let count = Count {
        input,
        operation: MANY,
    };
    count.run(ctx, idempotency_key).await
}

const MANY: &str = "stockSetMany";

struct Count {
    input: SetStock,
    operation: &'static str,
}

/// What is known before the transaction.
struct Known {
    seller_id: SellerId,
    warehouses: HashMap<WarehouseId, Warehouse>,
    owners: HashMap<VariantId, (ProductId, SellerId)>,
}

/// What a line means for the level that is there, or not.
struct Step {
    place: Place,
    delta: i32,
    kind: MovementKind,
}

impl Count {
    async fn run(&self, ctx: &Ctx, key: &str) -> Result<Vec<StockLevel>, Error> {
        let known = self.ask(ctx).await?;
        self.check()?;
        let mut tx = ctx.begin().await?;
        match idempotency::claim(&mut tx, ctx, self.operation, key, &self.input).await? {
            Claim::Done(levels) => return Ok(levels),
            Claim::Reused => return Err(Rejection::IdempotencyKeyReused.into()),
            Claim::New => {}
        }
        if self.operation == MANY {
            store::lock_shop(&mut tx, known.seller_id).await?;
        }
        let levels = self.apply(&mut tx, ctx, &known).await?;
        idempotency::remember(&mut tx, ctx, self.operation, key, &levels).await?;
        tx.commit().await?;
        Ok(levels)
    }

    /// The refusal of line `index`.
    fn at(&self, index: usize, rejection: Rejection) -> Rejection {
        if self.operation == MANY {
            rejection.in_item("lines", index)
        } else {
            rejection
        }
    }

    /// Finds the warehouses, asks whether the caller works there and whose the new variants are.
    async fn ask(&self, ctx: &Ctx) -> Result<Known, Error> {
        ctx.user()?;
        let lines = &self.input.lines;
        let ids: Vec<_> = lines.iter().map(|line| line.place.warehouse_id).collect();
        let found = store::warehouses::load(&ctx.db, &ids).await?;
        let warehouses: HashMap<_, _> = found.into_iter().map(|w| (w.id, w)).collect();
        let seller_id = self.shop(&warehouses)?;
        access::require_role(ctx, seller_id, ShopRole::Staff, path("warehouseId"))
            .await
            .map_err(|error| match error {
                Error::Rejected(rejection) => self.at(0, rejection).into(),
                fault @ Error::Fault(_) => fault,
            })?;
        let new: Vec<_> = lines
            .iter()
            .filter(|line| line.expected_quantity.is_none())
            .map(|line| line.place.variant_id)
            .collect();
        let owners = match new.as_slice() {
            [] => HashMap::new(),
            new => access::load_owners(ctx, new).await?,
        };
        Ok(Known {
            seller_id,
            warehouses,
            owners,
        })
    }

    /// The one shop that all the warehouses belong to.
    fn shop(&self, warehouses: &HashMap<WarehouseId, Warehouse>) -> Result<SellerId, Rejection> {
        let mut shop = None;
        for (index, line) in self.input.lines.iter().enumerate() {
            let path = path("warehouseId");
            let Some(warehouse) = warehouses.get(&line.place.warehouse_id) else {
                return Err(self.at(index, Rejection::WarehouseNotFound { path }));
            };
            if *shop.get_or_insert(warehouse.seller_id) != warehouse.seller_id {
                let rule = "must be of the same shop as the warehouse of the first line";
                return Err(self.at(index, Rejection::Invalid { path, rule }));
            }
        }
        shop.ok_or_else(|| Rejection::invalid("lines", "must have 1 to 100 lines"))
    }

    fn check(&self) -> Result<(), Rejection> {
        check_note(self.input.note.as_deref())?;
        let mut seen = HashSet::new();
        for (index, line) in self.input.lines.iter().enumerate() {
            let at = |rejection| self.at(index, rejection);
            check_quantity("quantity", line.quantity).map_err(at)?;
            if !seen.insert(line.place) {
                let rule = "is in an earlier line with the same warehouse";
                return Err(at(Rejection::invalid("variantId", rule)));
            }
        }
        Ok(())
    }

    async fn apply(
        &self,
        tx: &mut Transaction,
        ctx: &Ctx,
        known: &Known,
    ) -> Result<Vec<StockLevel>, Error> {
        let lines = &self.input.lines;
        let places: Vec<_> = lines.iter().map(|line| line.place).collect();
        let locked = store::levels::lock(tx, &places).await?;
        let mut levels: HashMap<_, _> = locked.into_iter().map(|l| (l.place, l)).collect();
        let (mut steps, mut new) = (Vec::new(), Vec::new());
        for (index, line) in lines.iter().enumerate() {
            let at = |rejection| self.at(index, rejection);
            let step = self.decide(line, levels.get(&line.place), known);
            let Some(step) = step.map_err(at)? else {
                continue;
            };
            if step.kind == MovementKind::Initial {
                let owner = known.owner(line.place.variant_id).map_err(at)?;
                let id = ctx.ids.next();
                new.push(StockLevel::open(id, line.place, owner, ctx.now()));
            }
            steps.push(step);
        }
        self.open(tx, &new).await?;
        let mut changes = self.shift(tx, ctx, &steps).await?;
        record(tx, ctx, &mut changes).await?;
        levels.extend(changes.into_iter().map(|c| (c.level.place, c.level)));
        Ok(places.iter().filter_map(|at| levels.remove(at)).collect())
    }

    /// What a line means; `None` when nothing changes.
    fn decide(
        &self,
        line: &SetStockLine,
        level: Option<&StockLevel>,
        known: &Known,
    ) -> Result<Option<Step>, Rejection> {
        let current = level.map(|level| level.quantity);
        if current != line.expected_quantity {
            let path = path("expectedQuantity");
            return Err(Rejection::QuantityChanged { path, current });
        }
        // Both are 0 to 1,000,000: `check` for the one, the table for the other.
        let delta = line.quantity - current.unwrap_or(0);
        if delta == 0 && current.is_some() {
            return Ok(None);
        }
        let mut kind = MovementKind::Initial;
        if delta != 0 {
            known.warehouses[&line.place.warehouse_id].accept(delta)?;
            kind = self.input.reason.kind(delta)?;
        }
        if current.is_none() {
            kind = MovementKind::Initial;
        }
        let place = line.place;
        Ok(Some(Step { place, delta, kind }))
    }

    /// Opens new levels, unless somebody else has just done so.
    async fn open(&self, tx: &mut Transaction, new: &[StockLevel]) -> Result<(), Error> {
        if new.is_empty() {
            return Ok(());
        }
        let opened = store::levels::open(tx, new).await?;
        let Some(late) = new.iter().find(|level| !opened.contains(&level.id)) else {
            return Ok(());
        };
        let index = self.input.lines.iter().position(|l| l.place == late.place);
        let current = store::levels::find(&mut **tx, late.place).await?;
        let rejection = Rejection::QuantityChanged {
            path: path("expectedQuantity"),
            current: current.map(|level| level.quantity),
        };
        Err(self.at(index.unwrap_or(0), rejection).into())
    }

    /// Moves the units, in the order of the lines.
    async fn shift(
        &self,
        tx: &mut Transaction,
        ctx: &Ctx,
        steps: &[Step],
    ) -> Result<Vec<Change>, Error> {
        if steps.is_empty() {
            return Ok(Vec::new());
        }
        let shifts: Vec<_> = steps.iter().map(|step| (step.place, step.delta)).collect();
        let shifted = store::levels::shift(tx, &shifts, ctx.now()).await?;
        let mut levels: HashMap<_, _> = shifted.into_iter().map(|l| (l.place, l)).collect();
        let mut changes = Vec::new();
        for step in steps {
            let level = levels.remove(&step.place);
            let level = level
                .ok_or_else(|| Fault::internal("a locked stock level refused a possible change"))?;
            let cause = Cause {
                kind: step.kind,
                reason: Some(self.input.reason),
                note: self.input.note.clone(),
                actor: ctx.principal.actor(),
            };
            changes.push(Change::new(level, ctx.ids.next(), step.delta, cause));
        }
        Ok(changes)
    }
}

impl Known {
    /// Product and shop of a variant that gets its first level.
    fn owner(&self, id: VariantId) -> Result<(ProductId, SellerId), Rejection> {
        let owner = self.owners.get(&id).copied();
        owner
            .filter(|(_, seller_id)| *seller_id == self.seller_id)
            .ok_or_else(|| Rejection::VariantNotFound {
                path: path("variantId"),
            })
    }
}
