//! The pools on a clock that only the test moves.

use super::*;
use crate::Speed;

mod simulated;

/// The pools, and the time that has passed.
struct Bench {
    pools: Pools,
    searches: Window,
    share: f64,
    start: Instant,
    now: Instant,
}

fn bench(speed: Speed) -> Bench {
    let now = Instant::now();
    let (pools, searches) = (Pools::new(false, now), searches(false, now));
    Bench { pools, searches, share: speed.share(), start: now, now }
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn declared(max: u32, remaining: u32) -> LimitHeaders {
    LimitHeaders { trio: Some(Trio { max, interval: TEN_SECONDS, remaining }), daily: None }
}

const NONE: LimitHeaders = LimitHeaders { trio: None, daily: None };

impl Bench {
    /// Takes a place, if there is one now.
    fn turn(&mut self, pool: Pool) -> Turn {
        if pool != Pool::Search {
            return self.pools.turn(pool, self.share, self.now);
        }
        match self.searches.next_free(self.share, self.now) {
            Some(until) => Turn::Wait(until),
            None => Turn::Go(self.searches.take(pool, self.now)),
        }
    }

    /// Takes the next place, however long that takes.
    fn next(&mut self, pool: Pool) -> Ticket {
        loop {
            match self.turn(pool) {
                Turn::Go(ticket) => return ticket,
                Turn::Wait(until) => {
                    assert!(until > self.now, "told to wait for the past");
                    self.now = until;
                }
            }
        }
    }

    fn answer(&mut self, pool: Pool, ticket: Ticket, headers: &LimitHeaders) {
        match pool {
            Pool::Search => self.searches.answered(ticket, self.now),
            _ => drop(self.pools.answered(pool, ticket, true, headers, self.now)),
        }
    }

    fn refuse(&mut self, ticket: Ticket, limit: Limit, retry_after: Option<Duration>, wait: Duration) {
        match ticket.pool {
            Pool::Search => {
                self.searches.refused(ticket, limit, retry_after.is_some(), self.now + wait, self.now);
            }
            pool => self.pools.refused(pool, ticket, limit, retry_after, wait, self.now),
        }
    }

    fn next_free(&mut self, pool: Pool) -> Option<Instant> {
        match pool {
            Pool::Search => self.searches.next_free(self.share, self.now),
            _ => self.pools.next_free(pool, self.share, self.now),
        }
    }

    /// How many calls go by the end of a span, when each is answered at once.
    fn calls_within(&mut self, pool: Pool, span: Duration) -> Vec<Instant> {
        let end = self.now + span;
        let mut sent = Vec::new();
        loop {
            let ticket = self.next(pool);
            if self.now >= end {
                return sent;
            }
            sent.push(self.now);
            match pool {
                Pool::Search => self.searches.answered(ticket, self.now),
                _ => self.pools.window(ticket.pool).answered(ticket, self.now),
            }
        }
    }

    fn associations(&mut self) -> PoolSnapshot {
        self.pools.snapshot(Pool::Associations, self.share, self.now)
    }

    fn general(&mut self) -> PoolSnapshot {
        self.pools.snapshot(Pool::General, self.share, self.now)
    }
}

fn most_within(sent: &[Instant], window: Duration) -> usize {
    let upto = |from: usize| sent[from..].iter().take_while(|at| **at < sent[from] + window).count();
    (0..sent.len()).map(upto).max().unwrap_or_default()
}

#[test]
fn no_window_of_a_pool_ever_holds_more_than_its_limit() {
    for (max, speed) in
        [(100, Speed::Fast), (110, Speed::Fast), (190, Speed::Normal), (250, Speed::Gentle), (1, Speed::Fast)]
    {
        let mut bench = bench(speed);
        let first = bench.next(Pool::General);
        bench.answer(Pool::General, first, &declared(max, max - 1));
        let sent = bench.calls_within(Pool::General, Duration::from_mins(2));
        let most = most_within(&sent, TEN_SECONDS);
        let allowed = (f64::from(max) * speed.share()).ceil();
        assert!(most as f64 <= allowed, "{max} {speed:?}: {most} calls in ten seconds");
        // And the rate is used: within a window's start of the whole.
        let least = f64::from(max) * speed.share() * 12.0 - allowed;
        assert!(sent.len() as f64 >= least, "{max} {speed:?}: only {} calls in two minutes", sent.len());
    }
}

#[test]
fn search_keeps_five_a_second_by_our_own_count_whatever_headers_say() {
    let mut bench = bench(Speed::Fast);
    let first = bench.next(Pool::Search);
    bench.answer(Pool::Search, first, &declared(1_000_000, 999_999));
    let sent = bench.calls_within(Pool::Search, Duration::from_mins(1));
    assert!(most_within(&sent, Duration::from_secs(1)) <= 5);
    assert!(sent.len() >= 285, "only {} searches in a minute", sent.len());
}

#[test]
fn calls_are_spaced_so_that_windows_do_not_meet_at_hubspot() {
    let mut bench = bench(Speed::Fast);
    let sent = bench.calls_within(Pool::General, Duration::from_secs(10));
    let closest = sent.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap();
    assert!(closest >= ms(40), "{closest:?}");
}

#[test]
fn a_server_that_declares_no_limit_is_not_held_back_until_it_refuses() {
    let mut bench = bench(Speed::Fast);
    let first = bench.next(Pool::General);
    bench.answer(Pool::General, first, &NONE);
    let before = bench.now;
    for pool in [Pool::General, Pool::Associations] {
        for _ in 0..2_000 {
            bench.next(pool);
        }
    }
    assert_eq!(bench.now, before, "somebody waited");
    assert_eq!(bench.general().max, None);

    let ticket = bench.next(Pool::General);
    bench.refuse(ticket, Limit::TenSecondly, None, ms(1000));
    assert_eq!(
        bench.general().max,
        Some(2_001),
        "what was really sent in that window, the refused one left out"
    );
    assert!(bench.general().waiting.is_some());
}

#[test]
fn a_failed_answer_without_headers_declares_nothing() {
    let mut bench = bench(Speed::Fast);
    let ticket = bench.next(Pool::General);
    bench.pools.answered(Pool::General, ticket, false, &NONE, bench.now);
    assert_eq!(bench.general().max, Some(100));
    let ticket = bench.next(Pool::Associations);
    bench.answer(Pool::Associations, ticket, &NONE);
    assert_eq!(bench.associations().max, Some(100));
}

#[test]
fn headers_are_learned_and_a_later_answer_without_them_does_not_unlearn() {
    let mut bench = bench(Speed::Fast);
    let ticket = bench.next(Pool::General);
    bench.answer(Pool::General, ticket, &declared(190, 189));
    assert_eq!(bench.general().max, Some(190));
    let ticket = bench.next(Pool::General);
    bench.answer(Pool::General, ticket, &NONE);
    assert_eq!(bench.general().max, Some(190));
}

#[test]
fn a_very_large_limit_is_simply_large() {
    let mut bench = bench(Speed::Fast);
    let ticket = bench.next(Pool::General);
    bench.answer(Pool::General, ticket, &declared(1_000_000_000, 999_999_999));
    let before = bench.now;
    for _ in 0..5_000 {
        bench.next(Pool::General);
    }
    assert_eq!(bench.now, before);
}

#[test]
fn association_headers_of_its_own_win() {
    let mut bench = bench(Speed::Fast);
    let ticket = bench.next(Pool::General);
    bench.answer(Pool::General, ticket, &NONE);
    let ticket = bench.next(Pool::Associations);
    bench.answer(Pool::Associations, ticket, &declared(150, 149));
    assert_eq!(bench.associations().max, Some(150));
    assert_eq!(bench.general().max, None);
}

#[test]
fn a_refusal_makes_the_pool_wait_until_its_oldest_call_has_left() {
    let mut bench = bench(Speed::Fast);
    for _ in 0..20 {
        bench.next(Pool::General);
        bench.now += ms(100);
    }
    let ticket = bench.next(Pool::General);
    bench.refuse(ticket, Limit::TenSecondly, None, ms(1000));
    bench.next(Pool::General);
    assert!(bench.now - bench.start >= TEN_SECONDS, "{:?}", bench.now - bench.start);
}

#[test]
fn retry_after_is_taken_at_its_word() {
    let mut bench = bench(Speed::Fast);
    let ticket = bench.next(Pool::General);
    let said = ms(3000);
    bench.refuse(ticket, Limit::Unnamed, Some(said), said);
    assert_eq!(bench.next_free(Pool::General), Some(bench.now + said));
}

#[test]
fn the_search_limit_waits_by_the_second_and_leaves_the_other_pools_alone() {
    let mut bench = bench(Speed::Fast);
    let ticket = bench.next(Pool::Search);
    bench.refuse(ticket, Limit::Secondly, None, ms(2000));
    assert_eq!(bench.next_free(Pool::Search), Some(bench.now + ms(2000)));
    assert_eq!(bench.next_free(Pool::General), None);
    assert_eq!(bench.next_free(Pool::Associations), None);
}

#[test]
fn many_refusals_of_one_burst_lower_the_limit_once_and_it_grows_back() {
    let mut bench = bench(Speed::Fast);
    let first = bench.next(Pool::General);
    bench.answer(Pool::General, first, &declared(110, 109));
    let mut last = Vec::new();
    for _ in 0..100 {
        last.push(bench.next(Pool::General));
    }
    let burst = last.split_off(90);
    for ticket in burst {
        bench.refuse(ticket, Limit::TenSecondly, None, ms(1000));
    }
    let lowered = bench.general().max.unwrap();
    assert!((85..=100).contains(&lowered), "{lowered}");
    bench.calls_within(Pool::General, Duration::from_mins(10));
    assert_eq!(bench.general().max, Some(110), "it has not grown back");
}

#[test]
fn a_refusal_in_a_quiet_moment_does_not_strangle_the_pool() {
    let mut bench = bench(Speed::Fast);
    let ticket = bench.next(Pool::General);
    bench.refuse(ticket, Limit::TenSecondly, None, ms(1000));
    assert!(bench.general().max.unwrap() >= 50);
}

#[test]
fn calls_of_others_are_seen_in_what_remains() {
    let mut bench = bench(Speed::Fast);
    let ticket = bench.next(Pool::General);
    // 61 used, of which we know one.
    bench.answer(Pool::General, ticket, &declared(110, 49));
    assert_eq!(bench.general().used, 61);
    // The next answer tells the same: nothing is counted twice.
    let ticket = bench.next(Pool::General);
    bench.answer(Pool::General, ticket, &declared(110, 48));
    assert_eq!(bench.general().used, 62);
}

#[test]
fn answers_that_overtake_each_other_invent_no_calls() {
    let mut bench = bench(Speed::Fast);
    let tickets: Vec<Ticket> = (0..16).map(|_| bench.next(Pool::General)).collect();
    for (at, ticket) in tickets.into_iter().rev().enumerate() {
        bench.answer(Pool::General, ticket, &declared(110, 110 - 16 + u32::try_from(at).unwrap()));
    }
    assert_eq!(bench.general().used, 16);
}

#[test]
fn association_calls_that_are_charged_to_the_general_pool_are_counted_there() {
    let mut bench = bench(Speed::Fast);
    let mut used = 0;
    let mut headers = || {
        used += 1;
        declared(110, 110 - used)
    };
    for _ in 0..20 {
        for pool in [Pool::General, Pool::Associations] {
            let ticket = bench.next(pool);
            let headers = headers();
            bench.answer(pool, ticket, &headers);
        }
    }
    assert_eq!(bench.associations(), bench.general());
    let mut sent = Vec::new();
    for _ in 0..200 {
        bench.next(Pool::General);
        sent.push(bench.now);
        bench.next(Pool::Associations);
        sent.push(bench.now);
    }
    let most = most_within(&sent, TEN_SECONDS);
    assert!(most <= 110, "{most} calls in ten seconds");
}

#[test]
fn association_calls_with_a_pool_of_their_own_stay_there() {
    let mut bench = bench(Speed::Fast);
    for used in 1..=40 {
        let ticket = bench.next(Pool::General);
        bench.answer(Pool::General, ticket, &declared(110, 110 - used));
        let ticket = bench.next(Pool::Associations);
        bench.answer(Pool::Associations, ticket, &declared(110, 110 - used));
    }
    assert_eq!((bench.general().used, bench.associations().used), (40, 40));
}

#[test]
fn a_resumed_process_assumes_half_a_window_spent() {
    let now = Instant::now();
    let mut pools = Pools::new(true, now);
    let mut used = |at| pools.snapshot(Pool::General, 1.0, at).used;
    assert_eq!((used(now), used(now + TEN_SECONDS)), (50, 0));
    assert_eq!(searches(true, now).used(now), 2);
}

#[test]
fn a_call_that_was_long_on_its_way_leaves_its_window_later() {
    let mut bench = bench(Speed::Fast);
    let quick = bench.next(Pool::General);
    bench.now += ms(100);
    bench.answer(Pool::General, quick, &declared(110, 109));
    bench.now += ms(1000);
    let taken = bench.now;
    let slow = bench.next(Pool::General);
    bench.now += ms(400);
    bench.answer(Pool::General, slow, &declared(110, 108));
    bench.now = taken + ms(10_200);
    assert_eq!(bench.general().used, 1, "it may have arrived 300 ms after it was sent");
    bench.now = taken + ms(10_400);
    assert_eq!(bench.general().used, 0);
}
