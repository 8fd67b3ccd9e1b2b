local program = require "program"

--- One line typed at the prompt, and what is waited for behind it.
local function line(text, shown)
  return ("expect >\\x20\nsend %s\\r\n%s"):format(text, shown and "expect " .. shown .. "\n" or "")
end

-- A session as a student would have it: thirty lines, two of them after a restart.
local first = table.concat {
  line("1 + 1", "2"), line("x = 20", nil), line("x * 2", "40"), line("x;", nil),
  line("_ + 1", "21"), line("st\\t.up\\t('abc')", "ABC"),
  line("t = mlp.tensor { { 1, 2 }, { 3, 4 } }", nil), line("t", "float32 (2, 2)"),
  line("t:sum():item()", "10"), line("t:matmull(t)", "did you mean 'matmul'"),
  "expect >\\x20\nsend for i = 1, 3 do\\r\nexpect >>\\x20\nsend print(i, i * i)\\r\n"
    .. "expect >>\\x20\nsend end\\r\nexpect 3\t9\n",
  line("? mlp.Dropout", "rate"), line("d = mlp.datasets.moons { n = 400, noise = 0.1 }", nil),
  line("d", "400 rows"), line("error('boom')", "boom"), line("nothing.here", "nil value"),
  line("m = mlp.Sequential { mlp.Dense { 8, 'tanh' }, mlp.Dense { 1, 'sigmoid' } }", nil),
  line("m:compile { loss = 'binary_crossentropy' };", nil),
  line("h = m:fit(d, { epochs = 2, verbose = 0 })", nil), line("#h", "2"), line("h", "epoch"),
  "expect >\\x20\nsend m:fit(d, { epochs = 1000000, verbose = 0 })\\r\npause 400\nsend \\x03\n"
    .. "expect interrupted\n",
  line("m.iterations > 26", "true"), line("m", "dense_2"), line("#m:hash()", "64"),
  line("last = 7", nil),
  "expect >\\x20\nsend \\x04",
}
local second = "expect >\\x20\nsend \\x1b[A\\r\n" .. line("last + 1",
  "8") .. "expect >\\x20\nsend \\x04"

describe("a session of thirty lines at a terminal", function()
  it("completes, goes on over lines, is interrupted, errs, helps, and remembers #F88", function()
    if not package.loadlib("libreadline.so.8", "*") then return pending "not installed" end
    local history = os.tmpname()
    os.remove(history)
    local variables = ("MLPRUN_HISTORY=%s TERM=xterm"):format(history)
    for _, dialogue in ipairs { first, second } do
      local shown, code = program.at_terminal(dialogue, {}, variables)
      assert.is_nil(shown:match "missed: [^\n]*", shown)
      assert.equal(0, code)
    end
    os.remove(history)
  end)
end)
