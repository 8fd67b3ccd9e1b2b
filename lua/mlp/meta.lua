--- @meta
--- What is written in C, described for mlp.help and for editors. This file is never run.

--- @class mlp.Tensor
--- @field shape integer[]
--- @field ndim integer
--- @field dtype string  "float32", "float64", "int64" or "uint8"
--- @field grad mlp.Tensor?  after backward, of a tensor that requires a gradient
--- @field requires_grad boolean
local Tensor = {}

--- The number in a tensor of one element.
--- @return number
function Tensor:item() end

--- Its numbers as nested Lua tables.
--- @return table|number
function Tensor:totable() end

--- The same as totable.
--- @return table|number
function Tensor:tolist() end

--- Its shape as a list, or the size of one dimension (-1: the last).
--- @param dimension? integer
--- @return integer|integer[]
function Tensor:size(dimension) end

--- How many elements it has.
--- @return integer
function Tensor:numel() end

--- Are its elements row-major and without gaps?
--- @return boolean
function Tensor:is_contiguous() end

--- Set every element.
--- @param value number
--- @return mlp.Tensor itself
function Tensor:fill_(value) end

--- Take over the values of another tensor, which is broadcast and converted.
--- @param source mlp.Tensor
--- @return mlp.Tensor itself
function Tensor:copy_(source) end

--- Add in place.
--- @param other mlp.Tensor|number
--- @return mlp.Tensor itself
function Tensor:add_(other) end

--- Subtract in place.
--- @param other mlp.Tensor|number
--- @return mlp.Tensor itself
function Tensor:sub_(other) end

--- Multiply in place.
--- @param other mlp.Tensor|number
--- @return mlp.Tensor itself
function Tensor:mul_(other) end

--- Divide in place.
--- @param other mlp.Tensor|number
--- @return mlp.Tensor itself
function Tensor:div_(other) end

--- Multiply in place; Torch7's name of mul_.
--- @param other mlp.Tensor|number
--- @return mlp.Tensor itself
function Tensor:cmul_(other) end

--- Divide in place; Torch7's name of div_.
--- @param other mlp.Tensor|number
--- @return mlp.Tensor itself
function Tensor:cdiv_(other) end

--- Set every element to 0.
--- @return mlp.Tensor itself
function Tensor:zero_() end

--- Products of stacks of matrices; PyTorch's name of matmul.
--- @param other mlp.Tensor
--- @return mlp.Tensor
function Tensor:bmm(other) end

--- Where the elements are that are not 0: a row of indices, from 1, for each.
--- @return mlp.Tensor  int64 (how many, dimensions)
function Tensor:nonzero() end

--- How often 1, 2, 3... occur.
--- @param least? integer  how many counts there are at least; 0
--- @return mlp.Tensor  int64
function Tensor:bincount(least) end

--- How many elements are in each of so many bins of equal width; the last one is closed. Elements
--- outside and NaN do not count. low = high: from the smallest to the largest element.
--- @param bins? integer  100
--- @param low? number  0
--- @param high? number  0
--- @return mlp.Tensor
function Tensor:histc(bins, low, high) end

--- The distinct elements in ascending order, NaN last.
--- @return mlp.Tensor values
--- @return mlp.Tensor counts  int64: how often each occurs
--- @return mlp.Tensor places  int64, of this shape: which of the values an element is
function Tensor:unique() end

--- Gradients of this number in the `grad` of all that it was computed from; they are added up.
function Tensor:backward() end

--- Say that its gradient is wanted (or not).
--- @param on? boolean  true
--- @return mlp.Tensor itself
function Tensor:requires_grad_(on) end

--- Forget its gradient.
function Tensor:zero_grad() end

--- The same values without what they were computed from; they share memory.
--- @return mlp.Tensor
function Tensor:detach() end

--- A copy with memory of its own.
--- @return mlp.Tensor
function Tensor:clone() end

--- Itself where it is row-major without gaps, else such a copy.
--- @return mlp.Tensor
function Tensor:contiguous() end

--- SHA-256 of its elements, as 64 hexadecimal digits.
--- @return string
function Tensor:hash() end

--- The same values in another type.
--- @param dtype string  "float32", "float64", "int64", "uint8"
--- @return mlp.Tensor
function Tensor:to(dtype) end

--- As float32.
--- @return mlp.Tensor
function Tensor:float() end

--- As float64.
--- @return mlp.Tensor
function Tensor:double() end

--- As int64.
--- @return mlp.Tensor
function Tensor:long() end

--- As uint8.
--- @return mlp.Tensor
function Tensor:byte() end

--- A matrix with rows and columns exchanged.
--- @return mlp.Tensor
function Tensor:t() end

--- The same elements in another shape; one size may be -1. Torch's name of reshape.
--- @return mlp.Tensor
function Tensor:view(...) end

--- Without the dimensions of size 1, or without that one.
--- @param dimension? integer
--- @return mlp.Tensor
function Tensor:squeeze(dimension) end

--- With a new dimension of size 1.
--- @param dimension integer
--- @return mlp.Tensor
function Tensor:unsqueeze(dimension) end

--- Elements along a dimension by an index of the same shape but for that dimension: Torch's name
--- and order of take_along(index, dimension).
--- @param dimension integer
--- @param index mlp.Tensor|integer[]  int64, from 1
--- @return mlp.Tensor
function Tensor:gather(dimension, index) end

--- Slices along a dimension by their numbers: Torch's name and order of
--- gather_rows(index, dimension).
--- @param dimension integer
--- @param index mlp.Tensor|integer[]  int64, from 1
--- @return mlp.Tensor
function Tensor:index_select(dimension, index) end

--- Product of matrices; Torch's name of matmul.
--- @param other mlp.Tensor
--- @return mlp.Tensor
function Tensor:mm(other) end

--- Product of a matrix and a vector; Torch's name of matmul.
--- @param other mlp.Tensor
--- @return mlp.Tensor
function Tensor:mv(other) end

--- Product of elements; Torch7's name of mul.
--- @param other mlp.Tensor
--- @return mlp.Tensor
function Tensor:cmul(other) end

--- Quotient of elements; Torch7's name of div.
--- @param other mlp.Tensor
--- @return mlp.Tensor
function Tensor:cdiv(other) end

--- The lower triangular l of a symmetric positive definite matrix: l l^T is the matrix. A stack of
--- matrices gives a stack. Raises where a leading minor is not positive.
--- Source: Golub & Van Loan 2013, algorithm 4.2.1; gradient: Murray 2016, arXiv:1602.07527.
--- @return mlp.Tensor
--- @usage local l = (x:matmul(x:t()) + mlp.eye(n) * 1e-6):cholesky()
function Tensor:cholesky() end

--- The x of l l^T x = b, where this is the l that cholesky gave.
--- @param b mlp.Tensor  (n) or (n, m)
--- @return mlp.Tensor
function Tensor:cholesky_solve(b) end

--- The x of T x = b, where this is a triangular T; its other triangle is not read.
--- @param b mlp.Tensor  (n) or (n, m)
--- @param options? table  upper false, transposed false (T^T x = b)
--- @return mlp.Tensor
function Tensor:triangular_solve(b, options) end

--- The x of a x = b, where this is the square a, by LU with partial pivoting. Raises where a is
--- singular.
--- @param b mlp.Tensor  (n) or (n, m); for a stack of matrices a stack of either
--- @return mlp.Tensor
function Tensor:solve(b) end

--- The inverse of a square matrix, or of each in a stack; solve is faster and more exact.
--- @return mlp.Tensor
function Tensor:inverse() end

--- The same as inverse.
--- @return mlp.Tensor
function Tensor:inv() end

--- The determinant of a square matrix, or of each in a stack.
--- @return mlp.Tensor
function Tensor:det() end

--- The logarithm of the determinant: NaN where that is negative, -inf where it is 0.
--- @return mlp.Tensor
function Tensor:logdet() end

--- q and r with q r = this (m, n) matrix: q (m, k) has orthonormal columns, r (k, n) is upper
--- triangular with a diagonal that is not negative; k is the smaller of m and n. LAPACK's geqrf in
--- float64; no gradient.
--- @return mlp.Tensor q
--- @return mlp.Tensor r
function Tensor:qr() end

--- u, s, v with u diag(s) v = this (m, n) matrix: u (m, k), s (k) descending, v (k, n). The largest
--- element of each column of u is positive. LAPACK's gesdd in float64; no gradient.
--- @return mlp.Tensor u
--- @return mlp.Tensor s
--- @return mlp.Tensor v  its rows are the right singular vectors (NumPy's vh)
function Tensor:svd() end

--- Eigenvalues, ascending, and eigenvectors (the columns) of a symmetric matrix. The largest
--- element of each eigenvector is positive. LAPACK's syevd in float64; no gradient.
--- @return mlp.Tensor values
--- @return mlp.Tensor vectors
function Tensor:eigh() end

--- The x, of least norm, that minimises |a x - b|, where this is a (r, n); and a's rank. LAPACK's
--- gelsd in float64; no gradient.
--- @param b mlp.Tensor  (r) or (r, m)
--- @param rcond? number  singular values below rcond times the largest count as 0; the precision
--- @return mlp.Tensor x  (n) or (n, m)
--- @return integer rank
function Tensor:lstsq(b, rcond) end

--- @class mlp.Dataset
--- @field x mlp.Tensor  a row for each sample
--- @field y mlp.Tensor?  classes (int64, from 1) or values
--- @field n_classes integer  0 for values
--- @field class_names string[]?
--- @field feature_names string[]?
--- @field name string?
local Dataset = {}

--- The rows from one number to another, both included; negative ones count from the end.
--- @param from integer
--- @param to? integer  the last
--- @return mlp.Dataset
function Dataset:rows(from, to) end

--- Those rows.
--- @param numbers integer[]|mlp.Tensor
--- @return mlp.Dataset
function Dataset:take(numbers) end

--- Two parts: the rest, and a share that is cut off at random.
--- @param options? table|number  test 0.25, how "stratified" | "shuffle" | "tail", seed; or a share
--- @return mlp.Dataset train
--- @return mlp.Dataset test
--- @usage local train, test = data:split { test = 0.25 }
function Dataset:split(options) end

--- For each batch { x =, y =, index = }, in the order in which fit takes them.
--- @param options? table  batch_size 32, epoch 1, shuffle true, drop_last false
--- @usage for batch in data:batches { batch_size = 64, epoch = epoch } do ... end
function Dataset:batches(options) end

--- The same rows with other features.
--- @param x mlp.Tensor
--- @return mlp.Dataset
function Dataset:with(x) end

--- The same rows with f(x) as features.
--- @param f fun(x: mlp.Tensor): mlp.Tensor
--- @return mlp.Dataset
function Dataset:map_x(f) end

--- @class mlp.Layer
--- @field name string
--- @field kind string
--- @field trainable boolean
--- @field built boolean
local Layer = {}

--- Its weights: { { name =, tensor =, trainable = }, ... }.
--- @return table[]
function Layer:weights() end

--- @class mlp.Model
--- @field layers mlp.Layer[]
--- @field optimizer userdata?
--- @field iterations integer  steps that the optimizer made
--- @field built boolean
--- @field trainable boolean  false: all layers are frozen; may be set
--- @field dtype string
--- @field input_shape integer[]  of the first input
--- @field inputs table[]  { name =, shape =, dtype = }
--- @field outputs table[]  { name =, use = }
local Model = {}

--- Make its weights for rows of a shape, before any data is seen.
--- @param shape integer[]
--- @param dtype? string  "float32" | "float64"
--- @return mlp.Model itself
function Model:build(shape, dtype) end

--- How many weights it has.
--- @param trainable_only? boolean
--- @return integer
function Model:count(trainable_only) end

--- SHA-256 of the bytes of all weights, as 64 hexadecimal digits.
--- @return string
function Model:hash() end

--- One step of the optimizer, by the gradients that backward left.
function Model:step() end

--- Forget the gradients.
function Model:zero_grad() end
