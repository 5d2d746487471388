// Written by lingauss.explorer.generate from the derivations of lingauss.symbolic; not to be edited.
const Formulas = (() => {
  // x - log(1 + x), accurate to the last digits also for small x
  function excessLog(x) {
    if (!(Math.abs(x) < 0.5)) return x === Infinity ? Infinity : x - Math.log1p(x);
    const r = x / (2 + x);
    const r2 = r * r;
    let tail = 0;
    for (let j = 18; j >= 0; j--) tail = tail * r2 + 2 / (2 * j + 3);
    return r * (x - r2 * tail);
  }

  // x - log(1 + x) where 1 + x is given with its own digits
  function excessLogGiven(x, ratio) {
    return Math.abs(x) < 0.5 || x === Infinity ? excessLog(x) : x - Math.log(ratio);
  }

  function retained_bias(lambda_S, lambda_T, s, sigma_T, signal, tau_T, xi) {
    const kappa = -lambda_S + lambda_T*(1 - xi);
    return (1/2)*Math.pow(kappa, 2)*Math.pow(s, 2)*signal/(Math.pow(sigma_T, 2)*tau_T*Math.pow(lambda_S + s, 2)*(lambda_T + s));
  }

  function retained_noise(k, lambda_S, lambda_T, nu, s, sigma_T, tau_T, xi) {
    const kappa = -lambda_S + lambda_T*(1 - xi);
    return (1/2)*k*Math.pow(kappa, 2)*Math.pow(nu, 2)*s/(Math.pow(sigma_T, 2)*tau_T*Math.pow(lambda_S + s, 2)*(lambda_T + s));
  }

  function variance_ratio_differences(lambda_S, lambda_T, m, nu, s, sigma_S, sigma_T, tau, tau_S, tau_T, xi) {
    return Math.pow(sigma_S, 2)*tau_S*(-lambda_S + lambda_T)/(Math.pow(sigma_T, 2)*tau_T*(lambda_S + s)) + (Math.pow(sigma_S, 2)*(tau_S - tau_T) + tau_T*(sigma_S - sigma_T)*(sigma_S + sigma_T))/(Math.pow(sigma_T, 2)*tau_T) + s*Math.pow(xi, 2)*(Math.pow(nu, 2)*tau*(lambda_T + s) + s*Math.pow(sigma_T, 2)*tau_T)/(m*Math.pow(sigma_T, 2)*tau_T*Math.pow(lambda_S + s, 2));
  }

  function student_gain(lambda_S, lambda_T, s, xi) {
    return (s*xi/(lambda_T + s) - xi + 1)/(lambda_S + s);
  }

  function student_variance(lambda_S, lambda_T, m, nu, s, sigma_S, sigma_T, tau, tau_S, tau_T, xi) {
    return Math.pow(sigma_S, 2)*tau_S/(lambda_S + s) + Math.pow(xi, 2)*(Math.pow(nu, 2)*s*tau + Math.pow(s, 2)*Math.pow(sigma_T, 2)*tau_T/(lambda_T + s))/(m*Math.pow(lambda_S + s, 2));
  }

  function learner_variance(lam, s, sigma, tau_w) {
    return Math.pow(sigma, 2)*tau_w/(lam + s);
  }

  function discarded_bias(lambda_T, s, sigma_T, signal, tau_T) {
    return (1/2)*Math.pow(s, 2)*signal/(Math.pow(sigma_T, 2)*tau_T*(lambda_T + s));
  }

  function discarded_noise(k, lambda_T, nu, s, sigma_T, tau_T) {
    return (1/2)*k*Math.pow(nu, 2)*s/(Math.pow(sigma_T, 2)*tau_T*(lambda_T + s));
  }

  function prior_floor_excess(lambda_S, lambda_T, s, sigma_S, sigma_T, tau_S, tau_T) {
    return (-lambda_S + lambda_T + s)/lambda_S + (lambda_T + s)*(Math.pow(sigma_S, 2)*(tau_S - tau_T) + tau_T*(sigma_S - sigma_T)*(sigma_S + sigma_T))/(lambda_S*Math.pow(sigma_T, 2)*tau_T);
  }

  function teacher_risk(k, lambda_T, n, nu, s, sigma_T, signal, tau_T) {
    const h = lambda_T/(lambda_T + s);
    const p_i = s/(lambda_T + s);
    const V_w = Math.pow(sigma_T, 2)*tau_T/(lambda_T + s);
    return k*Math.pow(nu, 2)*Math.pow(p_i, 2)/n + s*(V_w*k + Math.pow(h, 2)*signal)/n;
  }

  function student_risk(k, lambda_S, lambda_T, m, n, nu, s, sigma_S, sigma_T, signal, tau, tau_S, tau_T, xi) {
    const h = (lambda_S + lambda_T*s*xi/(lambda_T + s))/(lambda_S + s);
    const p_i = s*(s*xi/(lambda_T + s) - xi + 1)/(lambda_S + s);
    const V_w = Math.pow(sigma_S, 2)*tau_S/(lambda_S + s) + s*Math.pow(xi, 2)*(Math.pow(nu, 2)*tau + s*Math.pow(sigma_T, 2)*tau_T/(lambda_T + s))/(m*Math.pow(lambda_S + s, 2));
    return k*Math.pow(nu, 2)*Math.pow(p_i, 2)/n + s*(V_w*k + Math.pow(h, 2)*signal)/n;
  }

  function unseen_risk(n, s, signal) {
    return s*signal/n;
  }

  function universal_bound(gen_T, K_n, n, sigma_T, tau_T) {
    return 2*Math.sqrt(K_n)*Math.sqrt(gen_T)*sigma_T*Math.sqrt(tau_T)/Math.sqrt(n);
  }

  function wasserstein_univariate(mu_1, mu_2, v_1, v_2) {
    return Math.pow(mu_1 - mu_2, 2) + Math.pow(v_1 - v_2, 2)/Math.pow(Math.sqrt(v_1) + Math.sqrt(v_2), 2);
  }

  function soft_label_bias(lambda_T, nu, s, signal) {
    return (1/2)*Math.pow(lambda_T, 2)*s*signal/(Math.pow(nu, 2)*Math.pow(lambda_T + s, 2));
  }

  function soft_label_noise(k, lambda_T, s) {
    const a = s/(lambda_T + s);
    return (1/2)*Math.pow(a, 2)*k;
  }

  function soft_label_spread(k, lambda_T, m, nu, s, sigma_T, tau_T) {
    const v_T = Math.pow(sigma_T, 2)*tau_T/(lambda_T + s);
    return (1/2)*k*s*v_T/(m*Math.pow(nu, 2));
  }

  function soft_label_observation(k, m, tau) {
    return (1/2)*k*excessLog(-1 + tau/m);
  }

  function soft_label_level(k) {
    return (1/2)*k;
  }

  function soft_statistic_power(k, lambda_T, m, nu, s, sigma_T, signal, tau, tau_T) {
    const a = s/(lambda_T + s);
    const v_T = Math.pow(sigma_T, 2)*tau_T/(lambda_T + s);
    return Math.pow(a, 2)*(k*Math.pow(nu, 2)*s + Math.pow(s, 2)*signal) + k*s*(Math.pow(nu, 2)*tau + s*v_T)/m;
  }

  function process_temperature_star(c_1, k, m, n) {
    return k*n/(2*c_1 + k*n/m);
  }

  function gap_gradient(k, n, nu, s) {
    return 4*k*Math.pow(nu, 2)*s/Math.pow(n, 2);
  }

  function weight_information(A_w, k, nu, s, V_w) {
    return (1/2)*k*Math.log(Math.pow(A_w, 2)*Math.pow(nu, 2)*s/V_w + 1);
  }

  function gap_teacher(k, lambda_T, n, nu, s) {
    return 2*k*Math.pow(nu, 2)*s/(n*(lambda_T + s));
  }

  function gap_student(k, lambda_S, lambda_T, n, nu, s, xi) {
    return 2*k*Math.pow(nu, 2)*s*(s*xi/(lambda_T + s) - xi + 1)/(n*(lambda_S + s));
  }

  function temperature_condition(excess, k, slopes, tau) {
    return k*slopes*(excess + slopes*tau)/(2*excess + 2*slopes*tau + 2);
  }

  function retained_spread(k, rho, x_a) {
    return (1/2)*k*excessLogGiven(x_a, rho);
  }

  function discarded_spread(k, rho, x_b) {
    return (1/2)*k*excessLogGiven(x_b, rho);
  }

  function kernel_retained(k, lambda_S, lambda_T, rho, s, sigma_T, soft_power, tau_T, x_q) {
    return (1/2)*k*excessLogGiven(x_q, rho) + (1/2)*soft_power*Math.pow(-lambda_S + lambda_T, 2)/(Math.pow(sigma_T, 2)*tau_T*Math.pow(lambda_S + s, 2)*(lambda_T + s));
  }

  function kernel_discarded(k, lambda_T, rho, s, sigma_T, soft_power, tau_T, x_b) {
    return (1/2)*k*excessLogGiven(x_b, rho) + (1/2)*soft_power/(Math.pow(sigma_T, 2)*tau_T*(lambda_T + s));
  }

  function floor_excess(floor, lambda_T, s, sigma_T, tau_T) {
    return (floor*(lambda_T + s) - Math.pow(sigma_T, 2)*tau_T)/(Math.pow(sigma_T, 2)*tau_T);
  }

  function temperature_effect(lambda_S, lambda_T, m, nu, s, sigma_T, tau_T, xi) {
    return Math.pow(nu, 2)*s*Math.pow(xi, 2)*(lambda_T + s)/(m*Math.pow(sigma_T, 2)*tau_T*Math.pow(lambda_S + s, 2));
  }
  return { excessLog, retained_bias, retained_noise, variance_ratio_differences, student_gain, student_variance, learner_variance, discarded_bias, discarded_noise, prior_floor_excess, teacher_risk, student_risk, unseen_risk, universal_bound, wasserstein_univariate, soft_label_bias, soft_label_noise, soft_label_spread, soft_label_observation, soft_label_level, soft_statistic_power, process_temperature_star, gap_gradient, weight_information, gap_teacher, gap_student, temperature_condition, retained_spread, discarded_spread, kernel_retained, kernel_discarded, floor_excess, temperature_effect };
})();
