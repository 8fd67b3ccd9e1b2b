--- Callbacks: tables with hooks named as in Keras. fit calls
---   on_train_begin(self, logs)              on_train_end(self, logs)
---   on_epoch_begin(self, epoch, logs)       on_epoch_end(self, epoch, logs)
---   on_train_batch_begin(self, batch, logs) on_train_batch_end(self, batch, logs)
--- (on_batch_begin and on_batch_end are other names of the last two); evaluate, and fit where it
--- validates, call on_test_begin, on_test_batch_begin, on_test_batch_end and on_test_end; predict
--- those with on_predict. self.model and self.params are set. Epochs and batches count from 1. A
--- hook stops training by self.model:stop_training(reason). A callback that sets the learning rate
--- has the field sets_learning_rate, so that history has the column from the first epoch on.
local M = {
  EarlyStopping = require("mlp.callbacks.early_stopping").new,
  ReduceLROnPlateau = require("mlp.callbacks.reduce_lr_on_plateau").new,
  LearningRateScheduler = require("mlp.callbacks.learning_rate_scheduler").new,
  ModelCheckpoint = require("mlp.callbacks.model_checkpoint").new,
  CSVLogger = require("mlp.callbacks.csv_logger").new,
  JSONLogger = require("mlp.callbacks.json_logger").new,
  TensorBoard = require("mlp.callbacks.tensorboard").new,
  RemoteMonitor = require("mlp.callbacks.remote_monitor").new,
  BackupAndRestore = require("mlp.callbacks.backup_and_restore").new,
  TerminateOnNaN = require("mlp.callbacks.terminate_on_nan").new,
  GradientTolerance = require("mlp.callbacks.gradient_tolerance").new,
  SwapEMAWeights = require("mlp.callbacks.swap_ema_weights").new,
  SWA = require("mlp.callbacks.swa").new,
  Lambda = require("mlp.callbacks.lambda").new,
}

--- Keras's name of mlp.Lambda: any hooks, as functions in a table.
--- @usage mlp.LambdaCallback { on_epoch_end = function(epoch, logs) print(epoch, logs.loss) end }
function M.LambdaCallback(functions) return M.Lambda(functions) end

return M
