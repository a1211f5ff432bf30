//! What a training run changes: weights with their moments, of a whole network or of one owner's units. A step has two halves,
//! partial scores S_g and, when all S_g are known, residuals, gradients and Adam.

use super::adam::{Adam, Moments};
use super::config::TrainConfig;
use super::loss::{Batch, RowsGradient, UnitGradient, Visit, reservoir_gradient, sampler_only_gradient};
use super::many_outputs::{GroupSums, partial_scores};
use super::objective::{Objective, join_input};
use super::split::Share;
use crate::kernels::{Lanes, Scalar};
use crate::network::activation::with_activation;
use crate::network::products::PhiOnBuffers;
use crate::network::reservoir::{Layout, PackedReservoir};
use crate::network::{Activation, Architecture, Network, SamplerOnly, SamplerOnlyKind, ScoreField};
use crate::random::{Purpose, Stream, unit};

/// Weights with their moments.
pub(super) enum Learner {
    Reservoir {
        net: PackedReservoir,
        activation: Activation,
        w_fb: Moments,
        bias: Moments,
        w_out: Moments,
        share: Share,
        /// Partial scores of the step at hand; empty where scores aren't split.
        sums: GroupSums,
        /// What is learned beyond a plain score; each owner has all of it.
        objective: Option<Box<Objective>>,
    },
    SamplerOnly {
        net: SamplerOnly,
        moments: [Moments; 4],
    },
}

/// U(−1/√fan_in, 1/√fan_in), as PyTorch's Linear, by index; `tensor` tells the tensors of a network apart.
fn linear_init(seed: u64, tensor: u32, fan_in: usize) -> impl FnMut(usize) -> f32 {
    let stream = Stream::new(seed, Purpose::Weights);
    let bound = 1.0 / (fan_in as f64).sqrt();
    let mut newest = (u32::MAX, [0; 4]);
    move |i| {
        let (block, at) = (i as u32 / 4, i % 4);
        if newest.0 != block {
            newest = (block, stream.word4(block, 0, tensor));
        }
        (bound * (2.0 * f64::from(unit(newest.1[at])) - 1.0)) as f32
    }
}

impl Learner {
    /// The share of one owner in a network with the usual random weights. `n` counts the outputs and whatever else is an input.
    pub fn new(config: &TrainConfig, n: usize, share: Share) -> Self {
        let (seed, m, amsgrad) = (config.seed, config.units, config.adam.amsgrad);
        let kind = match config.architecture {
            Architecture::ReservoirSampler => {
                let outputs = n - config.inputs();
                let mut net = PackedReservoir::to_learn(n, share.units().len());
                let (mut w_out, mut w_fb) = (linear_init(seed, 0, m), linear_init(seed, 1, n));
                net.fill(
                    share.units(),
                    &mut |j, d| w_fb(j * n + d),
                    &mut linear_init(seed, 2, n),
                    &mut |d, j| if d < outputs { w_out(d * m + j) } else { 0.0 },
                );
                return Self::Reservoir {
                    activation: config.activation,
                    w_fb: Moments::new(net.w_fb.len(), amsgrad),
                    bias: Moments::new(net.bias.len(), amsgrad),
                    w_out: Moments::new(net.w_out.len(), amsgrad),
                    net,
                    share,
                    sums: GroupSums::new(),
                    objective: Objective::new(config, outputs, || {
                        (0..outputs * outputs)
                            .map(linear_init(seed, 3, outputs))
                            .collect()
                    })
                    .map(Box::new),
                };
            }
            Architecture::SamplerOnlyRate => SamplerOnlyKind::Rate,
            Architecture::SamplerOnlyCurrent => SamplerOnlyKind::Current,
        };
        let identity = (0..n * n)
            .map(|i| if i % (n + 1) == 0 { 1.0 } else { 0.0 })
            .collect();
        Self::SamplerOnly {
            net: SamplerOnly {
                kind,
                dimension: n,
                activation: config.activation,
                w: (0..n * n).map(linear_init(seed, 0, n)).collect(),
                bias: (0..n).map(linear_init(seed, 1, n)).collect(),
                gamma: vec![1.0; n],
                sig: identity,
                standard: None,
            },
            moments: [n * n, n, n, n * n].map(|length| Moments::new(length, amsgrad)),
        }
    }

    /// Takes the weights of a network of the same shape.
    pub fn begin_from(&mut self, network: &Network) {
        match (self, network) {
            (
                Self::Reservoir {
                    net,
                    share,
                    objective,
                    ..
                },
                Network::Reservoir(from),
            ) => {
                net.fill_from(&join_input(from), share.units());
                let learned = objective.as_mut().filter(|objective| objective.moments.is_some());
                if let (Some(objective), Some(q)) = (learned, &from.irreversible) {
                    if let Some(to) = &mut objective.irreversible {
                        to.j.clone_from(&q.j);
                    }
                }
            }
            (Self::SamplerOnly { net, .. }, Network::SamplerOnly(from)) => *net = from.clone(),
            _ => unreachable!("the architectures have been compared"),
        }
    }

    pub fn reset_moments(&mut self) {
        match self {
            Self::Reservoir {
                w_fb,
                bias,
                w_out,
                objective,
                ..
            } => {
                let of_j = objective
                    .as_mut()
                    .and_then(|objective| objective.moments.as_mut());
                [w_fb, bias, w_out]
                    .into_iter()
                    .chain(of_j)
                    .for_each(Moments::reset);
            }
            Self::SamplerOnly { moments, .. } => moments.iter_mut().for_each(Moments::reset),
        }
    }

    /// The network, or an owner's share of its units.
    pub fn network(&self) -> Network {
        match self {
            Self::Reservoir {
                net,
                activation,
                objective,
                ..
            } => {
                let net = net.unpack(*activation);
                match objective {
                    Some(objective) => objective.network(&net),
                    None => Network::Reservoir(net),
                }
            }
            Self::SamplerOnly { net, .. } => Network::SamplerOnly(net.clone()),
        }
    }

    /// First half of a step, on a batch that holds x̃ and ε: the owner's part of the scores where those are sums over owners,
    /// nothing otherwise.
    pub fn score<L: Lanes>(&mut self, batch: &mut Batch) {
        if let Self::Reservoir {
            net,
            activation,
            share,
            sums,
            ..
        } = self
        {
            with_activation!(*activation, A => {
                if let Some(products) = net.field::<A>().products::<L>() {
                    partial_scores::<L>(products, *share, batch, sums);
                }
            });
        }
    }

    /// Second half, when the sums of all groups are there: residuals, gradients, Adam. Returns the batch's loss.
    pub fn learn<L: Lanes>(&mut self, batch: &mut Batch, noise: f64, adam: &Adam) -> f64 {
        match self {
            Self::Reservoir {
                net,
                activation,
                w_fb,
                bias,
                w_out,
                sums,
                objective,
                ..
            } => {
                let epsilon = objective.is_some().then(|| Objective::take_noise(batch));
                let mut loss = if net.layout == Layout::Rows {
                    batch.residual_of_groups::<L>(sums, noise)
                } else {
                    with_activation!(*activation, A => batch.residual::<L, _>(&net.field::<A>(), noise))
                };
                if let (Some(objective), Some(epsilon)) = (&mut *objective, epsilon) {
                    loss = objective.residual(batch, &epsilon, noise);
                    objective.update(adam);
                }
                let mut update = Update {
                    adam,
                    w_fb,
                    bias,
                    w_out,
                };
                with_activation!(*activation, A => reservoir_gradient::<L, A>(net, batch, &mut update));
                loss
            }
            Self::SamplerOnly { net, moments } => {
                let (loss, phi) = with_activation!(net.activation, A => {
                    (batch.residual::<L, _>(&net.field::<A>(), noise), PhiOnBuffers::new::<Scalar, A>())
                });
                let g = sampler_only_gradient(net, phi, batch);
                let [w, bias, gamma, sig] = moments;
                // n and n² are seldom whole vectors, and small: one lane does.
                adam.update_all::<Scalar>(&mut net.w, w, &g.w);
                adam.update_all::<Scalar>(&mut net.bias, bias, &g.bias);
                adam.update_all::<Scalar>(&mut net.gamma, gamma, &g.gamma);
                adam.update_all::<Scalar>(&mut net.sig, sig, &g.sig);
                loss
            }
        }
    }
}

/// Adam as the gradient's visitor.
struct Update<'a> {
    adam: &'a Adam,
    w_fb: &'a mut Moments,
    bias: &'a mut Moments,
    w_out: &'a mut Moments,
}

impl<L: Lanes> Visit<L> for Update<'_> {
    #[inline(always)]
    fn visit<const T: usize>(&mut self, net: &mut PackedReservoir, first: usize, g: UnitGradient<'_, L, T>) {
        for t in 0..T {
            let j = first + t * L::WIDTH;
            self.adam.update(&mut net.bias, self.bias, j, g.bias[t]);
            for d in 0..g.w_fb.len() {
                let at = d * net.columns + j;
                self.adam.update(&mut net.w_fb, self.w_fb, at, g.w_fb[d][t]);
                self.adam.update(&mut net.w_out, self.w_out, at, g.w_out[d][t]);
            }
        }
    }

    fn visit_rows(&mut self, net: &mut PackedReservoir, first: usize, g: RowsGradient<'_>) {
        let at = first * net.stride;
        self.adam
            .update_from::<L>(&mut net.bias, self.bias, first, g.bias);
        self.adam.update_from::<L>(&mut net.w_fb, self.w_fb, at, g.w_fb);
        self.adam
            .update_from::<L>(&mut net.w_out, self.w_out, at, g.w_out);
    }
}
