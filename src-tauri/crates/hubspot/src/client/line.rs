//! Who is next: calls of one pool that wait for their turn, a person's before the others, first come first served
//! within a lane. Deliberately absent: when a call may go, which the pool decides.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use tokio::sync::Notify;

use super::locked;
use crate::Lane;

/// A lane that has let so many calls of other lanes pass while it waited has the next turn.
const PASSED_MAX: u32 = 12;

/// Calls that wait, by lane.
#[derive(Debug)]
struct Order<T> {
    lanes: [VecDeque<T>; Lane::ALL.len()],
    /// Turns that went to other lanes since this one waits or had its last.
    passed: [u32; Lane::ALL.len()],
}

impl<T> Default for Order<T> {
    fn default() -> Order<T> {
        Order { lanes: Default::default(), passed: Default::default() }
    }
}

impl<T: PartialEq> Order<T> {
    fn next(&self) -> Option<&T> {
        let waiting = |at: &usize| !self.lanes[*at].is_empty();
        let starved = (0..self.lanes.len()).find(|at| waiting(at) && self.passed[*at] >= PASSED_MAX);
        let lane = starved.or_else(|| (0..self.lanes.len()).find(waiting))?;
        self.lanes[lane].front()
    }

    fn join(&mut self, lane: Lane, call: T) {
        self.lanes[lane as usize].push_back(call);
    }

    fn leave(&mut self, lane: Lane, call: &T) {
        let lane = lane as usize;
        self.lanes[lane].retain(|other| other != call);
        if self.lanes[lane].is_empty() {
            self.passed[lane] = 0;
        }
    }

    fn served(&mut self, lane: Lane, call: &T) {
        let lane = lane as usize;
        self.passed[lane] = 0;
        for (other, waiting) in self.lanes.iter().enumerate() {
            if other != lane && !waiting.is_empty() {
                self.passed[other] += 1;
            }
        }
        self.lanes[lane].retain(|other| other != call);
    }
}

/// A waiting call's bell; two are equal if they are the same.
#[derive(Debug, Clone, Default)]
struct Bell(Arc<Notify>);

impl PartialEq for Bell {
    fn eq(&self, other: &Bell) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

#[derive(Debug, Default)]
pub(super) struct Line(Mutex<Order<Bell>>);

/// A place in a line; given up when dropped.
pub(super) struct Place<'a> {
    line: &'a Line,
    lane: Lane,
    bell: Bell,
}

impl Line {
    pub(super) fn join(&self, lane: Lane) -> Place<'_> {
        let bell = Bell::default();
        self.change(|order| order.join(lane, bell.clone()));
        Place { line: self, lane, bell }
    }

    /// Whoever was next or is next now is told, if that changed.
    fn change(&self, change: impl FnOnce(&mut Order<Bell>)) {
        let mut order = locked(&self.0);
        let before = order.next().cloned();
        change(&mut order);
        let after = order.next();
        if before.as_ref() != after {
            for bell in before.iter().chain(after) {
                bell.0.notify_one();
            }
        }
    }
}

impl Place<'_> {
    pub(super) fn is_next(&self) -> bool {
        locked(&self.line.0).next() == Some(&self.bell)
    }

    /// Somebody came before this call, or nobody is any more.
    pub(super) async fn moved(&self) {
        self.bell.0.notified().await;
    }

    /// The call goes: the others move up, and those of other lanes remember it.
    pub(super) fn served(self) {
        self.line.change(|order| order.served(self.lane, &self.bell));
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.line.change(|order| order.leave(self.lane, &self.bell));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Lane::{Backfill, Incremental, Person};

    /// Serves everybody in turn.
    fn order_of(calls: &[(Lane, u32)]) -> Vec<u32> {
        let mut order = Order::default();
        for (lane, call) in calls {
            order.join(*lane, *call);
        }
        let mut served = Vec::new();
        while let Some(next) = order.next().copied() {
            let lane = calls.iter().find(|(_, call)| *call == next).unwrap().0;
            order.served(lane, &next);
            served.push(next);
        }
        served
    }

    #[test]
    fn a_person_goes_before_incremental_and_that_before_backfill_each_in_the_order_they_came() {
        let came =
            [(Backfill, 1), (Incremental, 2), (Backfill, 3), (Person, 4), (Incremental, 5), (Person, 6)];
        assert_eq!(order_of(&came), [4, 6, 2, 5, 1, 3]);
    }

    #[test]
    fn a_lane_that_waits_long_enough_has_a_turn_whoever_else_comes() {
        let mut order = Order::default();
        order.join(Backfill, 0);
        order.join(Incremental, 1);
        let (mut turns_of_backfill, mut turns_of_incremental) = (0, 0);
        for call in 2..200 {
            order.join(Person, call);
            match *order.next().unwrap() {
                0 => {
                    order.served(Backfill, &0);
                    order.join(Backfill, 0);
                    turns_of_backfill += 1;
                }
                1 => {
                    order.served(Incremental, &1);
                    order.join(Incremental, 1);
                    turns_of_incremental += 1;
                }
                person => order.served(Person, &person),
            }
        }
        assert!((12..=18).contains(&turns_of_backfill), "{turns_of_backfill}");
        assert!((12..=18).contains(&turns_of_incremental), "{turns_of_incremental}");
    }

    #[test]
    fn a_call_that_is_given_up_stands_in_nobodys_way() {
        let line = Line::default();
        let first = line.join(Backfill);
        let second = line.join(Backfill);
        assert!(first.is_next() && !second.is_next());
        let person = line.join(Person);
        assert!(person.is_next() && !first.is_next());
        drop(person);
        drop(first);
        assert!(second.is_next());
    }
}
