//! Training by several owners of units has the bits of training by one: S = Σ_g S_g, whoever computed the S_g.

use langevin_rnn_core::network::{Activation, Network, ReservoirSampler};
use langevin_rnn_core::score_matching::config::Available;
use langevin_rnn_core::score_matching::split::{self, Share};
use langevin_rnn_core::score_matching::{
    AdamTrainer, Checkpoint, DataSource, Method, TrainConfig, TrainOptions,
};
use langevin_rnn_core::targets::GaussianMixture;

fn options(units: usize, activation: Activation) -> TrainOptions {
    TrainOptions {
        units: Some(units),
        activation: Some(activation),
        method: Some(Method::Adam),
        seed: Some(7),
        points: Some(45),
        batch: Some(10),
        epochs: Some(6),
        levels: Some(2),
        learning_rate: Some(1e-2),
        weight_decay: Some(1e-3),
        amsgrad: Some(true),
        ..TrainOptions::default()
    }
}

fn source(n: usize) -> DataSource {
    let mixture = GaussianMixture {
        weights: vec![0.5, 0.5],
        means: vec![vec![-1.0; n], vec![1.0; n]],
        deviations: vec![0.5, 0.3],
    };
    DataSource::Target(mixture.into())
}

/// A run's owners, in lockstep.
struct Team(Vec<(Share, AdamTrainer)>);

impl Team {
    fn new(n: usize, options: TrainOptions, members: usize, initial: Option<&Network>) -> Self {
        let config = TrainConfig::resolve(options, n, Available::Unlimited, 1 << 30).expect("valid settings");
        let member = |member| {
            let share = Share::new(config.units, member, members);
            let mut run = AdamTrainer::of_share(config.clone(), source(n), share);
            if let Some(network) = initial {
                run.begin_from(network).expect("the run's shape");
            }
            (share, run)
        };
        Self((0..members).map(member).collect())
    }

    /// Whole steps until `epochs` epochs are done.
    fn train(&mut self, epochs: usize) {
        while self.0[0].1.epoch() < epochs {
            self.0.iter_mut().for_each(|(_, run)| run.begin_step());
            for from in 0..self.0.len() {
                for g in self.0[from].0.groups() {
                    let sums = self.0[from].1.group_sums()[g].data.clone();
                    for (_, run) in &mut self.0 {
                        run.group_sums()[g].data.copy_from_slice(&sums);
                    }
                }
            }
            for (_, run) in &mut self.0 {
                run.end_step().expect("a finite loss");
            }
        }
    }

    /// The whole network, from the owners' shares, and the losses.
    fn result(&self) -> (ReservoirSampler, Vec<f64>) {
        let shares: Vec<_> = self
            .0
            .iter()
            .map(|(_, run)| match run.network() {
                Network::Reservoir(net) => net,
                Network::SamplerOnly(_) => unreachable!("a reservoir was trained"),
            })
            .collect();
        let n = shares[0].dimension;
        let net = ReservoirSampler::new(
            n,
            shares.iter().map(|net| net.units).sum(),
            shares[0].activation,
            (0..n)
                .flat_map(|d| {
                    shares
                        .iter()
                        .flat_map(move |net| net.w_out[d * net.units..][..net.units].to_vec())
                })
                .collect(),
            shares.iter().flat_map(|net| net.w_fb.clone()).collect(),
            shares.iter().flat_map(|net| net.bias.clone()).collect(),
        )
        .expect("shapes");
        (net, self.0[0].1.losses().to_vec())
    }

    /// Arrays of one run from those of its owners: units lie one after the other.
    fn checkpoint(&mut self) -> Checkpoint {
        let mut parts = self.0.iter_mut().map(|(_, run)| run.checkpoint());
        let mut whole = parts.next().expect("an owner");
        for part in parts {
            for ((_, values), (_, more)) in whole.arrays.iter_mut().zip(part.arrays) {
                values.extend(more);
            }
        }
        whole
    }
}

fn whole(n: usize, options: TrainOptions) -> (ReservoirSampler, Vec<f64>, Checkpoint) {
    let config = TrainConfig::resolve(options, n, Available::Unlimited, 1 << 30).expect("valid settings");
    let mut run = AdamTrainer::new(config, source(n));
    run.advance(2).expect("a finite loss");
    let kept = run.checkpoint();
    while !run.advance(1).expect("a finite loss") {}
    let losses = run.losses().to_vec();
    match run.network() {
        Network::Reservoir(net) => (net, losses, kept),
        Network::SamplerOnly(_) => unreachable!("a reservoir was trained"),
    }
}

#[test]
fn any_number_of_owners_gives_the_same_bits() {
    for (n, m, activation) in [(3, 130, Activation::Relu), (9, 61, Activation::Tanh)] {
        let (net, losses, kept) = whole(n, options(m, activation));
        for members in 1..=16 {
            let mut team = Team::new(n, options(m, activation), members, None);
            team.train(2);
            assert_eq!(team.checkpoint(), kept, "{members} owners, checkpoint");
            team.train(6);
            let got = team.result();
            assert_eq!(got, (net.clone(), losses.clone()), "{members} owners");
        }
    }
}

#[test]
fn shares_cover_all_units_once_and_are_even() {
    for units in [1, 3, 4, 63, 64, 65, 1000, 19_999, 20_000] {
        for members in 1..=16 {
            let mut next = 0;
            for member in 0..members {
                let share = Share::new(units, member, members);
                assert_eq!(share.units().start, next);
                next = share.units().end;
                let own: usize = share.own().map(|(_, units)| units.len()).sum();
                assert!(own >= share.units().len() && own < share.units().len() + 4);
                // Whole groups of whole panels: no share is larger than its groups.
                assert!(share.units().len() <= share.groups().len() * (units / 16 + 8));
            }
            assert_eq!(next, units);
        }
    }
}

#[test]
fn a_given_network_is_where_training_begins() {
    let (n, m) = (4, 70);
    let (net, _, _) = whole(n, options(m, Activation::Relu));
    let initial = Network::Reservoir(net.clone());
    let begins = |members| {
        Team::new(n, options(m, Activation::Relu), members, Some(&initial))
            .result()
            .0
    };
    assert_eq!(begins(1), net);
    assert_eq!(begins(5), net);
    let config = TrainConfig::resolve(options(m + 1, Activation::Relu), n, Available::Unlimited, 1 << 30);
    let refused = AdamTrainer::new(config.expect("valid settings"), source(n)).begin_from(&initial);
    assert_eq!(refused.expect_err("other units").parts().0, "initial");
}

#[test]
fn the_number_of_owners_follows_size_and_memory() {
    let members = |n, units, wanted, budget| {
        let options = options(units, Activation::Relu);
        split::members(options, n, Available::Unlimited, wanted, budget)
    };
    assert_eq!(members(300, 20_000, 3, 1 << 32), 3);
    assert_eq!(members(300, 20_000, 99, 1 << 32), 16);
    // Neither small networks nor small steps are split.
    assert_eq!(members(2, 20_000, 3, 1 << 32), 1);
    assert_eq!(members(3, 1000, 3, 1 << 32), 1);
    // As many as fit.
    assert_eq!(members(300, 20_000, 16, 1), 1);
    assert!((2..16).contains(&members(300, 20_000, 16, 302_000_000)));
}

#[test]
fn the_units_of_the_data_don_t_change_the_number_of_owners() {
    let plain = || TrainOptions {
        batch: Some(100),
        ..options(20_000, Activation::Relu)
    };
    for options in [
        TrainOptions {
            standardise: Some(true),
            ..plain()
        },
        TrainOptions {
            common_deviation: Some(true),
            ..plain()
        },
        // In units of x, whose default for the least noise is less.
        TrainOptions {
            noise_max: Some(1e-3),
            noise_min: None,
            ..plain()
        },
        // For two of the three dimensions; the third is a stimulus.
        TrainOptions {
            irreversible: Some(vec![vec![0.0, 1.0], vec![-1.0, 0.0]]),
            ..plain()
        },
    ] {
        assert_eq!(
            split::members(options, 3, Available::Points(60_000), 2, 1 << 32),
            2
        );
    }
    let refused = TrainOptions {
        architecture: Some("perceptron".into()),
        ..plain()
    };
    assert_eq!(
        split::members(refused, 3, Available::Points(60_000), 2, 1 << 32),
        1
    );
}
