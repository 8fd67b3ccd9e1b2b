--- mlp.tune's pruners by name.
return {
  none = require "mlp.tune.pruner.none",
  median = require "mlp.tune.pruner.median",
  percentile = require "mlp.tune.pruner.percentile",
  halving = require "mlp.tune.pruner.halving",
  hyperband = require "mlp.tune.pruner.hyperband",
  patient = require "mlp.tune.pruner.patient",
  threshold = require "mlp.tune.pruner.threshold",
}
