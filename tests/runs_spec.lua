-- Whole training runs, 50 steps, against Keras 3 and PyTorch from the same weights and batches:
-- tests/golden/from_keras_runs.py and from_torch_runs.py, whose models these are. In float64 each
-- weight is theirs to 1e-9 of its largest element, in float32 (against their float64) to 1e-4.
local mlp = require "mlp"
local models = require "golden.models"
local stream = require "golden.stream"

local TOLERANCE <const> = { float32 = 1e-4, float64 = 1e-9 }

local function each_weight(layers)
  local list = {}
  for _, layer in ipairs(layers) do
    for _, w in ipairs(layer:weights()) do list[#list + 1] = w end
  end
  return list
end

local function start(weights, dtype)
  for at, w in ipairs(weights) do
    local shape = w.tensor:size()
    local values = mlp.tensor(stream.first(shape, w.name, at), { dtype = dtype })
    mlp.no_grad(function() w.tensor:copy_(values:reshape(shape)) end)
  end
end

--- The rows of one step; of all steps where the run takes them all.
local function batch(rows, key, step, run)
  if type(key) == "table" then
    local list = {}
    for i, k in ipairs(key) do list[i] = batch(rows, k, step, run) end
    return list
  end
  if run.all then return rows[key] end
  return rows[key]:slice((step - 1) * stream.rows + 1, step * stream.rows)
end

--- The losses of steps 1, 25 and 50, and the weights.
local function train(run, dtype)
  local model, layers = run.graph(dtype)
  local rows, weights, losses = stream.data(dtype), each_weight(layers), {}
  start(weights, dtype)
  model:compile { optimizer = run.optimizer(), loss = run.loss, loss_weights = run.loss_weights }
  for step = 1, stream.steps do
    local loss = model:train_on_batch(batch(rows, run.x or "x", step, run),
      batch(rows, run.target, step, run), { class_weight = run.class_weight,
        sample_weight = run.sample_weight and batch(rows, "weight", step, run) or nil })
    if step == 1 or step % 25 == 0 then losses[#losses + 1] = loss end
  end
  return losses, weights
end

--- max |a - b| / max |b|
local function distance(tensor, expected)
  local got, worst, most = tensor:detach():double():reshape(-1):totable(), 0, 0
  assert.equal(#expected, #got)
  for i, v in ipairs(expected) do
    worst, most = math.max(worst, math.abs(got[i] - v)), math.max(most, math.abs(v))
  end
  return worst / most
end

for whose, name in pairs { keras = "Keras 3", torch = "PyTorch" } do
  local golden = require("golden." .. whose .. "_runs")
  describe(("training for 50 steps, as %s #F33 #F34"):format(name), function()
    for _, run in ipairs(models[whose]) do
      for dtype, tolerance in pairs(TOLERANCE) do
        it(("%s in %s"):format(run.name, dtype), function()
          local losses, weights = train(run, dtype)
          local expected = golden[run.name]
          for i, loss in ipairs(expected.losses) do
            assert.near(loss, losses[i], tolerance * math.max(1, math.abs(loss)), "loss " .. i)
          end
          assert.equal(#expected, #weights)
          for i, w in ipairs(weights) do
            local d = distance(w.tensor, expected[i])
            assert.truthy(d <= tolerance, ("weight %d, %s: %g"):format(i, w.name, d))
          end
        end)
      end
    end
  end)
end
