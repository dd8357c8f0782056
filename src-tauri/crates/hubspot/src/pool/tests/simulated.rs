//! The pools against a server that counts what arrives, on a clock that only the test moves: how much of each limit is
//! used, and how often it is overstepped.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::*;

/// A server's count of one pool: so many in any interval, by arrival.
struct Counted {
    max: usize,
    interval: Duration,
    arrived: Vec<Instant>,
    declares: bool,
}

impl Counted {
    fn new(max: usize, interval: Duration) -> Counted {
        Counted { max, interval, arrived: Vec::new(), declares: interval == TEN_SECONDS }
    }

    fn used(&self, now: Instant) -> usize {
        self.arrived.iter().rev().take_while(|at| **at + self.interval > now).count()
    }

    /// What the answer says; an error where the call is one too many.
    fn arrive(&mut self, now: Instant) -> Result<LimitHeaders, ()> {
        if self.used(now) >= self.max {
            return Err(());
        }
        self.arrived.push(now);
        let left = self.max - self.used(now);
        Ok(if self.declares {
            declared(u32::try_from(self.max).unwrap(), u32::try_from(left).unwrap())
        } else {
            NONE
        })
    }
}

/// Every so many calls something else happens at the server.
type Elsewhere = fn(&mut Counted, Instant, u32);

/// Repeatable chance.
struct Chance(u64);

impl Chance {
    fn upto(&mut self, millis: u64) -> Duration {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ms((self.0 >> 33) % (millis + 1))
    }
}

struct Run {
    calls: usize,
    refusals: usize,
    /// Share of what the limit allows, over the time that was taken.
    filled: f64,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrives(usize),
    Answered(usize),
}

/// `calls` calls with `latency` and up to `jitter` more each way, at most 16 in flight, each repeated until it succeeds.
fn run(
    speed: Speed,
    pool: Pool,
    server: &mut Counted,
    calls: usize,
    jitter: u64,
    elsewhere: Elsewhere,
) -> Run {
    const IN_FLIGHT: usize = 16;
    const LATENCY: u64 = 300;
    let mut bench = bench(speed);
    let mut chance = Chance(u64::try_from(server.max * calls).unwrap());
    let mut events: BinaryHeap<Reverse<(Instant, Event)>> = BinaryHeap::new();
    let mut tickets: Vec<Ticket> = Vec::new();
    let mut answers: Vec<Option<Result<LimitHeaders, ()>>> = Vec::new();
    let (mut left, mut in_flight, mut done, mut refusals, mut tried) = (calls, 0, 0, 0, 0);
    let mut refused_times = 0;
    while done < calls {
        let free = (left > 0 && in_flight < IN_FLIGHT).then(|| bench.next_free(pool).unwrap_or(bench.now));
        let event = events.peek().map(|Reverse((at, _))| *at);
        match (free, event) {
            (Some(free), event) if event.is_none_or(|at| free <= at) => {
                bench.now = bench.now.max(free);
                let Turn::Go(ticket) = bench.turn(pool) else { continue };
                let arrives = bench.now + ms(LATENCY / 2) + chance.upto(jitter);
                events.push(Reverse((arrives, Event::Arrives(tickets.len()))));
                tickets.push(ticket);
                answers.push(None);
                (left, in_flight) = (left - 1, in_flight + 1);
            }
            _ => {
                let Reverse((at, event)) = events.pop().expect("something is under way");
                bench.now = at;
                match event {
                    Event::Arrives(call) => {
                        tried += 1;
                        elsewhere(server, at, tried);
                        answers[call] = Some(server.arrive(at));
                        let back = at + ms(LATENCY / 2) + chance.upto(jitter);
                        events.push(Reverse((back, Event::Answered(call))));
                    }
                    Event::Answered(call) => {
                        in_flight -= 1;
                        match answers[call].expect("it has arrived") {
                            Ok(headers) => {
                                bench.answer(pool, tickets[call], &headers);
                                refused_times = 0;
                                done += 1;
                            }
                            Err(()) => {
                                let limit =
                                    if pool == Pool::Search { Limit::Secondly } else { Limit::TenSecondly };
                                refused_times += 1;
                                bench.refuse(tickets[call], limit, None, ms(1000) * refused_times.min(10));
                                refusals += 1;
                                left += 1;
                            }
                        }
                    }
                }
            }
        }
    }
    let took = (bench.now - bench.start).as_secs_f64();
    let allowed = server.max as f64 * took / server.interval.as_secs_f64();
    Run { calls, refusals, filled: calls as f64 / allowed }
}

fn nobody(_: &mut Counted, _: Instant, _: u32) {}

impl Run {
    fn per_thousand(&self) -> f64 {
        self.refusals as f64 * 1e3 / self.calls as f64
    }
}

#[test]
fn every_tier_is_filled_and_not_overfilled_at_three_tenths_of_a_second() {
    for max in [100, 110, 150, 190, 250] {
        let mut server = Counted::new(max, TEN_SECONDS);
        let run = run(Speed::Fast, Pool::General, &mut server, 3_000, 60, nobody);
        assert!(run.filled >= 0.93, "{max}: only {:.1} % used", run.filled * 100.0);
        assert!(run.per_thousand() <= 1.0, "{max}: {} refused", run.refusals);
    }
}

#[test]
fn slower_speeds_use_their_share_and_no_more() {
    for (speed, share) in [(Speed::Gentle, 0.5), (Speed::Normal, 0.8)] {
        for max in [100, 250] {
            let mut server = Counted::new(max, TEN_SECONDS);
            let run = run(speed, Pool::General, &mut server, 2_000, 60, nobody);
            assert!((share * 0.93..=share * 1.06).contains(&run.filled), "{speed:?} {max}: {}", run.filled);
            assert_eq!(run.refusals, 0, "{speed:?} {max}");
        }
    }
}

#[test]
fn searches_at_normal_speed_are_hardly_ever_refused() {
    let mut server = Counted::new(5, Duration::from_secs(1));
    let run = run(Speed::Normal, Pool::Search, &mut server, 2_000, 60, nobody);
    assert!(run.filled >= 0.76, "{}", run.filled);
    assert!(run.per_thousand() <= 1.0, "{} refused", run.refusals);
}

#[test]
fn searches_at_full_speed_find_the_pace_that_the_way_there_allows() {
    let mut server = Counted::new(5, Duration::from_secs(1));
    let run = run(Speed::Fast, Pool::Search, &mut server, 2_000, 60, nobody);
    assert!(run.filled >= 0.8, "{}", run.filled);
    assert!(run.per_thousand() <= 12.0, "{} refused", run.refusals);
}

#[test]
fn a_search_limit_that_is_halved_without_notice_is_found_out() {
    let halved: Elsewhere = |server, _, tried| {
        if tried == 200 {
            server.max = 2;
        }
    };
    let mut server = Counted::new(5, Duration::from_secs(1));
    let run = run(Speed::Normal, Pool::Search, &mut server, 1_000, 60, halved);
    assert!(run.per_thousand() <= 30.0, "{} refused", run.refusals);
}

#[test]
fn other_apps_that_take_half_of_the_limit_are_left_it() {
    // With every call of ours, one of theirs.
    let half: Elsewhere = |server, now, _| {
        if server.used(now) < server.max {
            server.arrived.push(now);
        }
    };
    for max in [100, 190] {
        let mut server = Counted::new(max, TEN_SECONDS);
        let run = run(Speed::Fast, Pool::General, &mut server, 2_000, 60, half);
        assert!(run.filled >= 0.34, "{max}: {}", run.filled);
        assert!(run.per_thousand() <= 10.0, "{max}: {} refused", run.refusals);
    }
}

#[test]
fn a_limit_that_is_raised_or_lowered_is_followed() {
    let changes: Elsewhere = |server, _, tried| match tried {
        500 => server.max = 250,
        2_500 => server.max = 100,
        _ => {}
    };
    let mut server = Counted::new(190, TEN_SECONDS);
    let run = run(Speed::Fast, Pool::General, &mut server, 4_000, 60, changes);
    assert!(run.refusals <= 24, "{} refused", run.refusals);
}

#[test]
fn a_limit_that_nobody_declares_is_found_by_asking() {
    let mut server = Counted { declares: false, ..Counted::new(150, TEN_SECONDS) };
    let run = run(Speed::Fast, Pool::Associations, &mut server, 3_000, 60, nobody);
    assert!(run.per_thousand() <= 1.0, "{} refused", run.refusals);
}
