//! Networks, training and Langevin dynamics of `langevin-rnn`.
