local mlp = require "mlp"
local core = require "mlp.core"
local event_file = require "mlp.callbacks.event_file"
local golden = require "golden.tensorboard"

local function from_hex(text)
  return (text:gsub("..", function(pair) return string.char(tonumber(pair, 16)) end))
end

--- The fields of a message of protocol buffers: { [number] = { values } }, numbers as they are.
local function fields(text)
  local found, at = {}, 1
  local function varint()
    local n, shift = 0, 0
    while true do
      local b = text:byte(at)
      n, shift, at = n | (b & 127) << shift, shift + 7, at + 1
      if b < 128 then return n end
    end
  end
  while at <= #text do
    local v
    local key = varint()
    if key & 7 == 0 then v = varint()
    elseif key & 7 == 1 then v, at = ("<d"):unpack(text, at)
    elseif key & 7 == 5 then v, at = ("<f"):unpack(text, at)
    else
      local n = varint()
      v, at = text:sub(at, at + n - 1), at + n
    end
    local number = key >> 3
    found[number] = found[number] or {}
    table.insert(found[number], v)
  end
  return found
end

--- The events of a file, whose checksums are looked at by the engine's own: a golden file, which
--- they agree with, is below.
local function events(path)
  local file <close> = assert(io.open(path, "rb"))
  local text, list, at = file:read "a", {}, 1
  while at <= #text do
    local event
    local n = ("<I8"):unpack(text, at)
    event = text:sub(at + 12, at + 11 + n)
    assert.equal(event_file.record(event), text:sub(at, at + 15 + n))
    list[#list + 1], at = fields(event), at + 16 + n
  end
  return list
end

describe("event files", function()
  -- RFC 3720, appendix B.4, and the check value of the CRC catalogue
  it("have the checksums of CRC-32C", function()
    assert.equal(0xe3069283, core.crc32c "123456789")
    assert.equal(0x8a9136aa, core.crc32c(("\0"):rep(32)))
    assert.equal(0x62a8ab43, core.crc32c(("\255"):rep(32)))
  end)

  it("are those of TensorBoard's own writer, byte for byte", function()
    local t = golden.time
    local stats = core.stats(mlp.tensor(golden.values, { dtype = "float64" }), { bins = 30 })
    local written = {}
    for i, event in ipairs {
      event_file.version(t, "tensorboard.summary.writer.event_file_writer"),
      event_file.graph(t, { { name = "input", op = "Input", inputs = {} },
        { name = "dense_1", op = "Dense", inputs = { "input" } },
        { name = "add_1", op = "Add", inputs = { "input", "dense_1" } } }),
      event_file.summary(t, 1, event_file.scalar("epoch_loss", 0.7)
        .. event_file.scalar("epoch_zero", 0)),
      event_file.summary(t, 300, event_file.scalar("batch_loss", math.huge)),
      event_file.summary(t, 2, event_file.histogram("dense_1/kernel/histogram", stats)),
      event_file.summary(t, 3, event_file.image("picture", from_hex(golden.png))),
    } do written[i] = event_file.record(event) end
    local hex = table.concat(written):gsub(".", function(c) return ("%02x"):format(c:byte()) end)
    assert.equal(golden.file, hex)
  end)
end)

describe("TensorBoard", function()
  local folder

  before_each(function()
    folder = os.tmpname()
    os.remove(folder)
  end)
  after_each(function() os.execute("rm -rf " .. folder) end)

  local function files(run)
    local list = {}
    for _, name in ipairs(core.list_folder(folder .. "/" .. run)) do
      list[#list + 1] = folder .. "/" .. run .. "/" .. name
    end
    return list
  end

  --- What a run holds: { [tag] = { { step =, value = field } } }; the field of a value's kind.
  local function read(run)
    local tags = {}
    for _, path in ipairs(files(run)) do
      for _, event in ipairs(events(path)) do
        for _, value in ipairs(event[5] and fields(event[5][1])[1] or {}) do
          local v = fields(value)
          local tag = v[1][1]
          tags[tag] = tags[tag] or {}
          table.insert(tags[tag], { step = event[2][1], value = (v[2] or v[4] or v[5])[1] })
        end
      end
    end
    return tags
  end

  local function float(v) return (("<f"):unpack(("<f"):pack(v))) end

  local function small()
    mlp.seed(3)
    local model = mlp.Sequential { mlp.Dense { 3, "tanh" }, mlp.Dense { 1, "sigmoid" } }
    model:compile { optimizer = mlp.SGD(0.1), loss = "bce", metrics = { "accuracy" } }
    return model, mlp.datasets.moons { n = 60, noise = 0.1 }
  end

  local function train(options, epochs)
    options.log_dir = folder
    local model, data = small()
    local history = model:fit(data, { epochs = epochs or 3, batch_size = 16, verbose = 0,
      validation_split = 0.2, callbacks = { mlp.TensorBoard(options) } })
    return history, model
  end

  it("has loss and metrics of each epoch, in two runs, under Keras's names", function()
    local history = train { write_graph = false }
    local tags, names = read "train", {}
    for tag in pairs(tags) do names[#names + 1] = tag end
    table.sort(names)
    assert.same({ "epoch_accuracy", "epoch_learning_rate", "epoch_loss" }, names)
    local validation = read "validation"
    for epoch, row in history:rows() do
      assert.same({ step = epoch, value = float(row.loss) }, tags.epoch_loss[epoch])
      assert.same({ step = epoch, value = float(row.val_accuracy) },
        validation.epoch_accuracy[epoch])
      assert.same({ step = 3 * epoch, value = float(row.val_loss) },
        validation.evaluation_loss_vs_iterations[epoch])
    end
    assert.equal(float(0.1), tags.epoch_learning_rate[1].value)
  end)

  it("has the loss of batches where they are asked for", function()
    train({ update_freq = "batch" }, 2)
    local steps = {}
    for i, v in ipairs(read("train").batch_loss) do steps[i] = v.step end
    assert.same({ 1, 2, 3, 4, 5, 6 }, steps)
    os.execute("rm -r " .. folder)
    train({ update_freq = 4, write_steps_per_second = true }, 2)
    local tags = read "train"
    assert.equal(4, tags.batch_loss[1].step)
    assert.equal(1, #tags.batch_loss)
    assert.truthy(tags.epoch_steps_per_second[2].value > 0)
  end)

  it("has histograms of the weights each so many epochs, from the first", function()
    local _, model = train({ histogram_freq = 2 }, 3)
    local kernel = read("train")["dense_1/kernel/histogram"]
    assert.same({ 1, 3 }, { kernel[1].step, kernel[2].step })
    local h, w = fields(kernel[2].value), model.layers[1].kernel
    assert.equal(w:min():item(), h[1][1])
    assert.equal(w:max():item(), h[2][1])
    assert.equal(6, h[3][1])
    assert.near(w:sum():item(), h[4][1], 1e-6)
    assert.near((w ^ 2):sum():item(), h[5][1], 1e-6)
    local counts = { ("<" .. ("d"):rep(30)):unpack(h[7][1]) }
    local n = 0
    for i = 1, 30 do n = n + counts[i] end
    assert.equal(6, n)
  end)

  it("has the graph of layers, and pictures", function()
    local model, data = small()
    local board = mlp.TensorBoard(folder)
    local figure = mlp.plot.line { 1, 3, 2 }
    model:fit(data, { epochs = 2, verbose = 0, callbacks = { board, mlp.Lambda {
      on_epoch_end = function() board:add_image("line", figure) end } } })
    local graph = fields(events(files("train")[1])[2][4][1])
    local nodes = {}
    for i, node in ipairs(graph[1]) do
      local f = fields(node)
      nodes[i] = f[1][1] .. " " .. f[2][1] .. " " .. (f[3] and f[3][1] or "")
    end
    assert.same({ "input Input ", "dense_1 Dense input", "dense_2 Dense dense_1" }, nodes)
    local pictures = read("train").line
    assert.same({ 1, 2 }, { pictures[1].step, pictures[2].step })
    assert.equal(figure:png(), fields(pictures[2].value)[4][1])
    assert.error_matches(function() board:add_image("x", "y.png") end,
      "add_image: expected a name and a figure, got 'x' and 'y.png'")
  end)

  it("writes a new file for each fit, and takes one that goes on", function()
    local board = mlp.TensorBoard { folder, write_graph = false }
    board.clock = function() return 12.5 end
    local model, data = small()
    for _ = 1, 2 do model:fit(data, { verbose = 0, callbacks = { board } }) end
    assert.same({ folder .. "/train/events.out.tfevents.0000000012.0.v2",
      folder .. "/train/events.out.tfevents.0000000012.1.v2" }, files "train")
    local backup = folder .. "/backup"
    local function run(epochs, bomb)
      local again = small()
      return pcall(again.fit, again, data, { epochs = epochs, verbose = 0, callbacks = { bomb or {},
        mlp.TensorBoard { folder .. "/again", write_graph = false, update_freq = 1 },
        mlp.BackupAndRestore { backup, save_freq = 2, delete_checkpoint = false } } })
    end
    run(4, { on_epoch_end = function(_, epoch) if epoch == 2 then error "bang" end end })
    assert.is_true(run(3))
    folder = folder .. "/again"
    local again, steps = files "train", {}
    assert.equal(1, #again)
    for i, v in ipairs(read("train").batch_loss) do steps[i] = v.step end
    assert.same({ 1, 2, 3, 4, 5, 6 }, steps)
    folder = folder:match "(.*)/again"
  end)

  it("leaves the bits of the training alone", function()
    local _, seen = train { histogram_freq = 1, update_freq = 1 }
    local model, data = small()
    model:fit(data, { epochs = 3, batch_size = 16, verbose = 0, validation_split = 0.2 })
    assert.equal(model:hash(), seen:hash())
  end)

  it("says what is wrong", function()
    assert.error_matches(function() mlp.TensorBoard { log_dir = 3 } end, "'log_dir'")
    assert.error_matches(function() mlp.TensorBoard { update_freq = "epochs" } end,
      "TensorBoard: option 'update_freq': expected 'epoch', 'batch' or a number of batches, got "
      .. "'epochs'")
    assert.error_matches(function() mlp.TensorBoard { histogram_freq = -1 } end, "histogram_freq")
    local model, data = small()
    local ok, e = pcall(model.fit, model, data, { verbose = 0,
      callbacks = { mlp.TensorBoard "/proc/nowhere" } })
    assert.is_false(ok)
    assert.equal("io", e.kind)
    assert.truthy(e.message:find("cannot make folder '/proc/nowhere/train'", 1, true))
  end)
end)
