/*
** host.cc - a C++ host: the header as C++, owners by RAII, a script and its
** model.
**   embed_cc FILE   run a script that prints, and print what it logs
*/
#include "check.h"

#include <memory>
#include <string>
#include <vector>

namespace {

struct Deleter {
  void operator()(mlp_Runtime *p) const { mlp_destroy(p); }
  void operator()(mlp_Tensor *p) const { mlp_tensor_release(p); }
  void operator()(mlp_Model *p) const { mlp_model_release(p); }
};
template <typename T> using Owner = std::unique_ptr<T, Deleter>;

Owner<mlp_Runtime> create (Log *log) {
  mlp_Config c;
  mlp_config_init(&c);
  c.log = keep;
  c.log_ud = log;
  mlp_Runtime *rt = nullptr;
  check(mlp_create(&c, &rt) == MLP_OK, "create");
  return Owner<mlp_Runtime>(rt);
}

/* The script's model and test data, predicted here and there. */
void test_model (mlp_Runtime *rt) {
  mlp_Value r[3], accuracy;
  check_ok(rt, mlp_call(rt, "design_model", 0, nullptr, 3, r), "its model");
  Owner<mlp_Model> model(r[0].as.model);
  Owner<mlp_Tensor> x(r[1].as.tensor), y(r[2].as.tensor);
  const size_t rows = mlp_tensor_shape(x.get())[0];
  std::vector<float> in(rows * 2), out(rows);
  std::vector<int64_t> label(rows);
  mlp_tensor_read(x.get(), in.data(), in.size() * sizeof in[0]);
  mlp_tensor_read(y.get(), label.data(), rows * sizeof label[0]);
  check_ok(rt, mlp_model_predict(model.get(), rows, in.data(), out.data()),
           "predict");
  size_t right = 0;
  for (size_t i = 0; i < rows; i++) right += (out[i] > 0.5f) == (label[i] == 2);
  check_ok(rt, mlp_call(rt, "design_accuracy", 0, nullptr, 1, &accuracy),
           "its own");
  const double ours = static_cast<double>(right) / static_cast<double>(rows);
  check(ours > 0.9 && accuracy.as.number - ours < 1e-12 &&
            ours - accuracy.as.number < 1e-12,
        "the same accuracy");
}

int run_script (const char *path) {
  Log log = Log();
  Owner<mlp_Runtime> rt = create(&log);
  const mlp_Status s = mlp_run_file(rt.get(), path);
  std::puts(s == MLP_OK ? log.last : mlp_last_error(rt.get()));
  return s != MLP_OK;
}

} // namespace

int main (int argc, char **argv) {
  if (argc > 1) return run_script(argv[1]);
  watch_output();
  {
    Log log = Log();
    Owner<mlp_Runtime> rt = create(&log);
    check_ok(rt.get(), mlp_run_file(rt.get(), "tests/embed/design.lua"),
             "a script");
    check(std::string(log.last).size() == 64, "which prints a hash");
    test_model(rt.get());
  }
  check(watched_output() == 0, "nothing on descriptors 1 and 2");
  return finish("embed_cc");
}
