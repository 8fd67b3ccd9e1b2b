--- What RemoteMonitor sends at the end of epoch 1 for those options.
--- Source: Keras 3.15.1, requests 2.34.2, by from_keras_remote.py.
return {
  logs = {
    accuracy = 0.75,
    learning_rate = 1e-05,
    loss = 0.30000000000000004,
    mae = 2.0,
    val_accuracy = 1e+16,
    val_loss = 1.5e-300,
    zero = 0.0,
  },
  {
    options = {},
    path = [[/publish/epoch/end/]], run = nil,
    type = [[application/x-www-form-urlencoded]],
    body = [[data=%7B%22epoch%22%3A+1%2C+%22accuracy%22%3A+0.75%2C+%22learning_rate%22%3A+1e-]]
      .. [[05%2C+%22loss%22%3A+0.30000000000000004%2C+%22mae%22%3A+2.0%2C+%22val_accuracy%2]]
      .. [[2%3A+1e%2B16%2C+%22val_loss%22%3A+1.5e-300%2C+%22zero%22%3A+0.0%7D]],
  },
  {
    options = { ["field"] = [[the data]], ["path"] = [[/a?b=c]] },
    path = [[/a?b=c]], run = nil,
    type = [[application/x-www-form-urlencoded]],
    body = [[the+data=%7B%22epoch%22%3A+1%2C+%22accuracy%22%3A+0.75%2C+%22learning_rate%22%3A]]
      .. [[+1e-05%2C+%22loss%22%3A+0.30000000000000004%2C+%22mae%22%3A+2.0%2C+%22val_accura]]
      .. [[cy%22%3A+1e%2B16%2C+%22val_loss%22%3A+1.5e-300%2C+%22zero%22%3A+0.0%7D]],
  },
  {
    options = { ["send_as_json"] = true, ["headers"] = { ["X-Run"] = [[7 & 8]] } },
    path = [[/publish/epoch/end/]], run = [[7 & 8]],
    type = [[application/json]],
    body = [[{"epoch": 1, "accuracy": 0.75, "learning_rate": 1e-05, "loss": 0.300000000000000]]
      .. [[04, "mae": 2.0, "val_accuracy": 1e+16, "val_loss": 1.5e-300, "zero": 0.0}]],
  },
}
