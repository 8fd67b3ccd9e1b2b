--- Cross-validation inside a trial, fold by fold, so that the pruner can end it early.
local check = require "mlp.check"
local selection = require "mlp.model_selection"
local direction = require "mlp.direction"
local train = require "mlp.tune.train"

local function splitter(trial, data, o)
  if o.cv then return o.cv end
  local kind = data.n_classes and data.n_classes > 0 and "StratifiedKFold" or "KFold"
  return selection[kind] { n_splits = check.whole("cross_validate", "k", o.k, 2), shuffle = true,
    random_state = trial.study.seed & 0x7fffffff } -- the same folds for all trials
end

--- The best value of a column.
local function best_of(who, history, monitor)
  local column, best = history:column(monitor), nil
  if not column then
    check.raise("argument", "%s: option 'monitor': nothing named '%s' is logged; logged are: %s",
      who, monitor, table.concat(history.columns, ", "))
  end
  local larger = direction.larger_is_better(monitor)
  for _, v in pairs(column) do
    if v == v and (not best or larger and v > best or not larger and v < best) then best = v end
  end
  return best or 0 / 0
end

--- @see mlp.Trial.cross_validate
return function(trial, build, data, options)
  local o = check.options("cross_validate", options, { k = 5, cv = check.none, epochs = 1,
    batch_size = check.any(32), monitor = "val_loss", callbacks = {} })
  local sum, scores = 0, {}
  for fold, fit_on, validate_on in splitter(trial, data, o):folds(data) do
    local history = build(trial):fit(fit_on, { epochs = o.epochs, batch_size = o.batch_size,
      validation_data = validate_on, verbose = 0, callbacks = train.copies(o.callbacks) })
    scores[fold] = best_of("cross_validate", history, o.monitor)
    sum = sum + scores[fold]
    trial:log(fold, { fold = scores[fold] })
    trial:report(sum / fold, fold)
    if trial:should_prune() then trial:prune() end
  end
  return sum / #scores, scores
end
