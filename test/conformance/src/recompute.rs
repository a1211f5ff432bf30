//! Computes a manifest anew on this processor: `recompute < MANIFEST.json` prints `architecture/name sha256` for each array.

#[path = "../../../crates/core/tests/common/manifest.rs"]
mod manifest;

fn main() {
    let committed = serde_json::from_reader(std::io::stdin()).expect("a manifest on standard input");
    for (name, hash) in manifest::recompute(&committed) {
        println!("{name} {hash}");
    }
}
