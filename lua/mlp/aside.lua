--- Trying something with a model that is left as it was, bit for bit.
local core = require "mlp.core"

--- Call f with the model's optimizer as new; afterwards weights, optimizer, count of steps and the
--- run's random streams are what they were, whatever happened. Returns what f does.
--- @param model mlp.Model  compiled and built
--- @param f function
--- @return any
return function(model, f)
  local optimizer, weights = model.optimizer, model:get_weights()
  local rate, schedule = optimizer.learning_rate, optimizer.schedule
  local seed, models, draws = core.seed()
  local state = core.model_take_state(model)
  if schedule then optimizer.schedule = false end
  local ok, result = pcall(f)
  optimizer.learning_rate = rate
  if schedule then optimizer.schedule = schedule end
  core.model_give_state(model, state)
  model:set_weights(weights)
  model:zero_grad()
  core.seed(seed, models, draws)
  if not ok then error(result, 0) end
  return result
end
