-- The preset of every option that Keras 3 has too is Keras's, but for those that are listed here.
local mlp = require "mlp"
local core = require "mlp.core"
local keras = require "golden.keras_presets"

-- Another preset on purpose, or another name for the same: docs/compat.md says why.
local OURS <const> = {
  earlystopping = { restore_best_weights = true },
  fbetascore = { average = "macro" },
}

-- Keras spells a text in other ways, too.
local SPELT <const> = { uniform = "random_uniform", Zeros = "zeros" }

-- Options of Keras that there are not: those of sequences, devices, projections; dice and tversky
-- are one number a batch; relative_step changes nothing.
local LEFT_OUT <const> = {
  layer = { "batchnormalization.synchronized", "embedding.mask_zero" },
  loss = { "dice.reduction", "tversky.reduction" },
  metric = { "auc.from_logits", "auc.multi_label", "auc.summation_method",
    "meaniou.sparse_y_pred", "meaniou.sparse_y_true", "r2score.num_regressors" },
  optimizer = { "adafactor.relative_step" },
  callback = { "backupandrestore.double_checkpoint", "tensorboard.embeddings_freq",
    "tensorboard.profile_batch", "tensorboard.write_images" },
}

local function squeezed(name) return (name:gsub("_", "")) end

--- The presets of our kinds: [kind] = { [option] = preset }, of a family of the registry.
local function of_registry(family)
  local found = {}
  for _, kind in ipairs(core.registry()[family]) do
    local presets = {}
    for _, option in ipairs(kind.options) do presets[option.name] = option.preset end
    found[squeezed(kind.name)] = presets
  end
  return found
end

local function of_callbacks()
  local found = {}
  for name, make in pairs(mlp.callbacks) do
    local needed = { CSVLogger = "a", ModelCheckpoint = "a", BackupAndRestore = "a" }
    if keras.callback[name:lower()] then found[name:lower()] = make(needed[name]) end
  end
  return found
end

describe("a preset", function()
  for family, kinds in pairs(keras) do
    it(("is Keras's, of every %s"):format(family), function()
      local ours = family == "callback" and of_callbacks() or of_registry(family)
      local compared, missing = 0, {}
      for kind, presets in pairs(kinds) do
        for option, expected in pairs(ours[kind] and presets or {}) do
          local got = ours[kind][option]
          local wanted = (OURS[kind] or {})[option]
          if wanted == nil then wanted = SPELT[expected] or expected end
          if got == nil then
            missing[#missing + 1] = kind .. "." .. option
          else
            assert.equal(wanted, got, kind .. "." .. option)
            compared = compared + 1
          end
        end
      end
      table.sort(missing)
      assert.same(LEFT_OUT[family] or {}, missing)
      assert.truthy(compared >= 3, family)
    end)
  end
end)
