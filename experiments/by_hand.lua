-- The training of experiments/moons.lua written out: batches, loss, gradients, steps, validation
-- and early stopping. It ends with the same weights as fit, to the last bit, and shows it.
local mlp = require "mlp"
local args = mlp.args { epochs = 100, patience = 5 }

local data, test = mlp.datasets.moons { n = 2000, noise = 0.2 }:split { test = 0.25 }

local function network()
  mlp.seed(mlp.seed()) -- the same first weights each time
  return mlp.Sequential {
    mlp.Dense { units = 16, activation = "relu", kernel_initializer = "he_uniform" },
    mlp.Dropout { rate = 0.2 },
    mlp.Dense { units = 1, activation = "sigmoid" },
  }:compile {
    optimizer = mlp.Adam { learning_rate = 0.01 },
    loss = "binary_crossentropy", metrics = { "accuracy" },
  }
end

local model = network()
local train, validation = data:split { test = 0.2 }
local best, best_weights, wait = math.huge, nil, 0

for epoch = 1, args.epochs do
  for batch in train:batches { batch_size = 32, epoch = epoch } do
    local loss = model:loss(batch.y, model(batch.x, { training = true }))
    model:zero_grad()
    loss:backward()
    model:step()
  end
  local val_loss = model:evaluate(validation, { batch_size = 32 }).loss
  wait = wait + 1
  if val_loss < best then best, best_weights, wait = val_loss, model:get_weights(), 0 end
  if wait >= args.patience then break end
end
model:set_weights(best_weights)

local fitted = network()
fitted:fit(data, {
  epochs = args.epochs, batch_size = 32, validation_split = 0.2, verbose = 0,
  callbacks = { mlp.EarlyStopping { monitor = "val_loss", patience = args.patience } },
})
print(("test accuracy %.4f"):format(model:evaluate(test).accuracy))
print("by hand", model:hash())
print("by fit ", fitted:hash())
mlp.claim("the loop by hand ends with the weights of fit, to the last bit", { slide = "S17",
  measure = model:hash() == fitted:hash(), expect = true })
