local base = require "mlp.callbacks.base"
local check = require "mlp.check"
local class = base.class

--- Keep checkpoints of the training in a folder, and go on from there: where the script is started
--- again after a crash, fit begins where the newest checkpoint was written, and ends with the bits
--- of a training that was never stopped. What differs (model, data, seed, batch size...) is refused
--- by name; the one before takes over where the newest is damaged. Ctrl-C writes one too.
--- Options as in Keras: backup_dir (may be given alone), save_freq "epoch" or a number of batches,
--- delete_checkpoint true: remove them when the training is at its end. The state of a callback of
--- your own is kept where it has get_state(self), which returns a table of plain values and
--- tensors, and set_state(self, state).
--- Source: Keras 3, callbacks.BackupAndRestore.
--- @class mlp.BackupAndRestore
--- @usage model:fit(train, { epochs = 500, callbacks = { mlp.BackupAndRestore "backup" } })
local BackupAndRestore = class("BackupAndRestore", {
  backup_dir = check.none, save_freq = check.any "epoch", delete_checkpoint = true,
}, nil, "backup_dir")

BackupAndRestore.is_backup = true
BackupAndRestore.writes = true

function BackupAndRestore:init()
  if type(self.backup_dir) ~= "string" or self.backup_dir == "" then
    check.raise("argument", "BackupAndRestore: option 'backup_dir': expected a folder, got %s",
      tostring(self.backup_dir))
  end
  if self.save_freq ~= "epoch" then
    if type(self.save_freq) ~= "number" then
      check.raise("argument",
        "BackupAndRestore: option 'save_freq': expected 'epoch' or a number of batches, got '%s'",
        tostring(self.save_freq))
    end
    self.save_freq = check.whole(self.who, "save_freq", self.save_freq, 1)
  end
end

--- fit calls these: what to go on from, or nil;
function BackupAndRestore:find()
  local saved
  require("mlp.core").make_folder(self.backup_dir)
  saved, self.damaged = require("mlp.fit.backup").find(self.backup_dir)
  return saved
end

--- a checkpoint, between two batches or (whole) after an epoch;
function BackupAndRestore:save(state, whole)
  local path = require("mlp.fit.backup").write(state, self.backup_dir, whole, self.damaged)
  self.damaged = false
  return path
end

--- and the end.
function BackupAndRestore:finish()
  if self.delete_checkpoint then require("mlp.fit.backup").remove(self.backup_dir) end
end

return BackupAndRestore
