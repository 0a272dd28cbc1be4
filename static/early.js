try{var t=localStorage.getItem("gongbu.theme");if(t=="dark"||t=="light")document.documentElement.dataset.theme=t}catch(e){}
