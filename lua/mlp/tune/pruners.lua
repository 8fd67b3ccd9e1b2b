--- mlp.tune's pruners by name.
return {
  none = require "mlp.tune.pruner.none",
  median = require "mlp.tune.pruner.none",
}
