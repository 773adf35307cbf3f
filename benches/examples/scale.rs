use std::sync::Arc;
use std::time::{Duration, Instant};
use idp_benches::{Shelf, Sort, Synthetic, now};
use idp_catalog::*;
use idp_core::*;

fn median(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = Vec::new();
    let begun = Instant::now();
    while times.len() < 15 || (begun.elapsed() < Duration::from_millis(300) && times.len() < 3000) {
        let at = Instant::now();
        run();
        times.push(at.elapsed());
        if begun.elapsed() > Duration::from_secs(8) { break; }
    }
    times.sort();
    times[times.len() / 2]
}

fn rss() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096 >> 20
}

fn main() {
    for size in std::env::args().skip(1).map(|it| it.parse::<usize>().unwrap()) {
        let company = Synthetic::new(size);
        let before = rss();
        let documents: Vec<Document> = company.entities().enumerate().map(|(i, e)| Document::entity(format!("{i}"), e)).collect();
        println!("== {size}: documents {} MB", rss() - before);
        let catalog = now(Catalog::open(Arc::new(MemoryLog::new()))).unwrap();
        let at = Instant::now();
        let report = now(catalog.ingest(&Shelf::new("s", documents))).unwrap();
        println!("ingest {:?} ({:.0}/s) {} rss {} MB", at.elapsed(), size as f64 / at.elapsed().as_secs_f64(), report.counts.added, rss());
        let s = catalog.snapshot();
        let p = |k: &str, v: &str| Predicate::equals(k, v);
        let service = || p("kind", "component") & p("spec.type", "service");
        let show = |name: &str, d: Duration| println!("{name:<24} {:>12.2} µs", d.as_nanos() as f64 / 1000.0);
        let system: EntityRef = Sort::System.reference(0).parse().unwrap();
        let team: EntityRef = Sort::Group.reference(1).parse().unwrap();
        show("by-ref", median(|| { std::hint::black_box(s.get(&team)); }));
        let q = Query::matching(service()).limit(20);
        show("page", median(|| { std::hint::black_box(s.query(&q).unwrap()); }));
        let q = Query::matching(service()).order_by("metadata.title", Direction::Ascending).limit(20);
        show("ordered page", median(|| { std::hint::black_box(s.query(&q).unwrap()); }));
        let cursor = s.query(&Query::matching(service()).order_by("metadata.title", Direction::Ascending).limit(s.len() / 10)).unwrap().next.unwrap();
        let q = q.cursor(cursor);
        show("deep cursor page", median(|| { std::hint::black_box(s.query(&q).unwrap()); }));
        let q = Query::matching(service()).order_by("spec.lifecycle", Direction::Descending).order_by("metadata.name", Direction::Ascending).limit(20);
        show("two-field page", median(|| { std::hint::black_box(s.query(&q).unwrap()); }));
        let q = Query::matching(p("spec.owner", Sort::Group.name(3).as_str()) | p("metadata.tags", "rust")).limit(20);
        show("or page", median(|| { std::hint::black_box(s.query(&q).unwrap()); }));
        let q = Query::matching(service() & !p("metadata.tags", "rust")).limit(20);
        show("not page", median(|| { std::hint::black_box(s.query(&q).unwrap()); }));
        let q = Query::matching(Predicate::prefix("metadata.name", "payments-g")).limit(20);
        show("prefix page", median(|| { std::hint::black_box(s.query(&q).unwrap()); }));
        let q = Query::matching(p("spec.owner", Sort::Group.name(500.min(company.count(Sort::Group) - 1)).as_str()) & p("kind", "component")).order_by("metadata.title", Direction::Ascending).limit(20);
        show("selective ordered", median(|| { std::hint::black_box(s.query(&q).unwrap()); }));
        show("count", median(|| { std::hint::black_box(s.count(&service()).unwrap()); }));
        let all = [FacetRequest::new("spec.lifecycle")];
        show("facet all", median(|| { std::hint::black_box(s.facets(&Query::all(), &all).unwrap()); }));
        let comp = Query::matching(p("kind", "component"));
        show("facet 70%", median(|| { std::hint::black_box(s.facets(&comp, &all).unwrap()); }));
        let tags = [FacetRequest::new("metadata.tags")];
        show("facet tags 70%", median(|| { std::hint::black_box(s.facets(&comp, &tags).unwrap()); }));
        let q = Query::all().search(Search::new("payments-gateway").field("metadata.name", 1)).limit(20);
        show("search names", median(|| { std::hint::black_box(s.query(&q).unwrap()); }));
        show("neighbours", median(|| { std::hint::black_box(s.graph(&GraphQuery::around(system.clone()))); }));
        let group: EntityRef = Sort::Group.reference(0).parse().unwrap();
        show("impact hub", median(|| { std::hint::black_box(s.impact(&system)); }));
        show("ownership", median(|| { std::hint::black_box(s.owned_by(&group)); }));
        let mut n = 0;
        let mut ups = Vec::new();
        for i in 0..300 {
            n += 1;
            let mut e = company.entity(size - 1 - i);
            e["metadata"]["description"] = format!("edit {n}").into();
            let at = Instant::now();
            let r = now(catalog.ingest(&Shelf::new("edits", vec![Document::entity("e", e)]))).unwrap();
            ups.push(at.elapsed());
            std::hint::black_box(r);
        }
        ups.sort();
        show("upsert p50", ups[150]);
        show("upsert p99", ups[296]);
    }
}
